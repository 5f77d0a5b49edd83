import type { AccessEvent } from '@keyward/events';
import { AccessEvent as AccessEventSchema } from '@keyward/events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Label } from '../labels.js';
import { csvFields } from './csv.js';
import type { HistoryFile, ReadHistory } from './history.js';
import { HISTORY_FORMATS } from './registry.js';

// eslint-disable-next-line @typescript-eslint/require-await -- a file, as the reader sees it
async function* linesOf(text: string): AsyncGenerator<string> {
  yield* text.split('\n');
}
/** A folder that can be read as often as a file can. */
async function read(id: string, folder: Readonly<Record<string, string>>): Promise<ReadHistory & { readonly all: readonly AccessEvent[] }> {
  const format = HISTORY_FORMATS.find((one) => one.id === id)!;
  expect(format.recognises(Object.keys(folder))).toBe(true);
  const files = new Map(
    Object.entries(folder).map(([name, text]): [string, HistoryFile] => [
      name,
      {
        name,
        get lines() {
          return linesOf(text);
        },
      },
    ]),
  );
  const history = await format.read(files);
  const all: AccessEvent[] = [];
  for (const events of history.events) for await (const event of events) all.push(AccessEventSchema.parse(event));
  for (const label of history.labels) Label.parse(label);
  return { ...history, all };
}

describe('CERT', () => {
  it('reads sign-ins and media, and the insiders with their days', async () => {
    const { all, labels } = await read('cert', {
      'logon.csv':
        'id,date,user,pc,activity\n{A-1},03/02/2010 08:15:00,ABC0001,PC-1,Logon\n{A-2},03/02/2010 17:00:00,ABC0001,PC-1,Logoff\n',
      'device.csv': 'id,date,user,pc,activity\n{A-3},03/02/2010 22:30:00,ABC0001,PC-1,Connect\n',
      'insiders.csv': 'dataset,scenario,details,user,start,end\n4.2,1,r4.2-1.csv,ABC0001,03/02/2010 22:00:00,03/04/2010 01:00:00\n',
    });
    expect(all.map(({ code, time }) => [code, new Date(time).toISOString()])).toEqual([
      ['logon', '2010-03-02T08:15:00.000Z'],
      ['device', '2010-03-02T22:30:00.000Z'],
    ]);
    expect(labels[0]?.identity).toBe('cert:abc0001');
    expect(labels[0]?.days.map(({ day }) => day)).toEqual(['2010-03-02', '2010-03-03', '2010-03-04']);
  });
  it('takes the days of the acts where the folder has the answers', async () => {
    const { labels } = await read('cert', {
      'logon.csv': 'id,date,user,pc,activity\n',
      'insiders.csv': 'dataset,scenario,details,user,start,end\n4.2,2,r4.2-2-ABC0001.csv,ABC0001,03/02/2010 22:00:00,05/04/2010 01:00:00\n',
      'r4.2-2-ABC0001.csv':
        'logon,{X},03/02/2010 22:00:00,ABC0001,PC-1,Logon\ndevice,{Y},03/02/2010 22:10:00,ABC0001,PC-1,Connect\ndevice,{Z},05/04/2010 01:00:00,ABC0001,PC-1,Connect\n',
    });
    expect(labels[0]?.days.map(({ day }) => day)).toEqual(['2010-03-02', '2010-05-04']);
    expect(labels[0]?.events).toHaveLength(3);
  });
  it('leaves out lines that are none', async () => {
    const { all } = await read('cert', {
      'logon.csv': 'id,date,user,pc,activity\nnonsense\n{B},yesterday,U,PC,Logon\n',
      'insiders.csv': 'user,start,end\n',
    });
    expect(all).toEqual([]);
  });
});

describe('LANL', () => {
  it('reads log-ons of people and the acts of the red team', async () => {
    const { all, labels } = await read('lanl', {
      'auth.txt':
        '1,C1$@DOM1,C1$@DOM1,C1,C1,Kerberos,Network,LogOn,Success\n90000,U12@DOM1,U12@DOM1,C7,C9,NTLM,Network,LogOn,Fail\n90001,U12@DOM1,U12@DOM1,C7,C9,?,?,LogOff,Success\n',
      'redteam.txt': '90000,U12@DOM1,C7,C9\n',
    });
    expect(all).toHaveLength(1);
    expect(all[0]).toMatchObject({
      outcome: 'failure',
      actor: { name: 'u12@dom1' },
      resource: { host: 'c9' },
      device: { id: 'c7' },
      auth: { method: 'ntlm' },
    });
    expect(labels[0]?.days).toEqual([{ identity: 'lanl:u12@dom1', day: '2015-01-06' }]);
  });
});

describe('RBA', () => {
  const header =
    'index,Login Timestamp,User ID,Round-Trip Time [ms],IP Address,Country,Region,City,ASN,User Agent String,Browser Name and Version,OS Name and Version,Device Type,Login Successful,Is Attack IP,Is Account Takeover';
  it('reads logins by the names of their columns and marks takeovers', async () => {
    const { all, labels } = await read('rba', {
      'rba-dataset.csv': `${header}\n0,2020-03-05 12:43:30.772,-42,,192.0.2.7,NO,-,-,64500,"Mozilla/5.0 (X11, Linux)",Firefox 20.0,Linux 5,desktop,True,False,True\n1,2020-03-05 12:44:00.000,7,,192.0.2.8,NO,Oslo,Oslo,64500,Agent,Chrome 1,Windows 10,mobile,False,False,False\n`,
    });
    expect(all[0]).toMatchObject({
      actor: { name: '-42' },
      src: { ip: '192.0.2.7', asn: 64_500, geo: { country: 'NO' } },
      device: { userAgent: 'Mozilla/5.0 (X11, Linux)' },
    });
    expect(all.map(({ outcome }) => outcome)).toEqual(['success', 'failure']);
    expect(labels.map(({ identity }) => identity)).toEqual(['rba:-42']);
  });
});

describe('Schonlau', () => {
  it('gives each block of a hundred commands a day, and marks the masquerades', async () => {
    const commands = Array.from({ length: 5_200 }, (_, index) => `cmd${index % 7}`).join('\n');
    const { all, labels, evaluatedFrom } = await read('schonlau', {
      User1: commands,
      User2: commands,
      'masquerade_summary.txt': '0 1\n1 0\n',
    });
    expect(all).toHaveLength(10_400);
    expect(new Set(all.map(({ session }) => session?.uid)).size).toBe(104);
    expect(labels.map(({ id }) => id)).toEqual(['user2-block50', 'user1-block51']);
    expect(labels[0]?.days[0]?.day).toBe(evaluatedFrom);
  });
});

describe('formats', () => {
  it('are told apart by their files', () => {
    const recognised = (names: readonly string[]) => HISTORY_FORMATS.filter(({ recognises }) => recognises(names)).map(({ id }) => id);
    expect(recognised(['auth.txt', 'redteam.txt'])).toEqual(['lanl']);
    expect(recognised(['okta.ndjson'])).toEqual([]);
  });
  it('read any quoted field back', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string().filter((text) => !/[\r\n]/.test(text)),
          { minLength: 1, maxLength: 5 },
        ),
        (fields) => {
          const line = fields.map((field) => `"${field.replaceAll('"', '""')}"`).join(',');
          expect(csvFields(line)).toEqual(fields);
        },
      ),
    );
  });
});
