import { describe, expect, it } from 'vitest';
import { parsePayload } from './payload.js';
import { sourceById } from './registry.js';
import { lineIn, shippedAt } from './shipped-line.js';

const NOW = Date.UTC(2026, 0, 10);
const SENT = '2026-01-05T09:00:05Z';
const FILE = { '@timestamp': SENT, host: { name: 'fwd1' }, agent: { type: 'filebeat' }, log: { offset: 3, file: { path: '/var/log/a' } } };
const read = (id: string, value: unknown): string[] => {
  const source = sourceById(id);
  if (!source) throw new Error(`no source ${id}`);
  return parsePayload(source, Buffer.from(JSON.stringify(value)), { now: NOW }).map((one) =>
    one.kind === 'kept' ? `${one.event.actor?.name ?? ''} ${new Date(one.event.time).toISOString()}` : one.kind,
  );
};

const LINES: Readonly<Record<string, { readonly line: string; readonly is: string }>> = {
  okta: {
    line: JSON.stringify({
      uuid: '1',
      published: '2026-01-05T09:00:00.000Z',
      eventType: 'user.session.start',
      outcome: { result: 'SUCCESS' },
      actor: { id: '00u1', type: 'User', alternateId: 'anna@example.com' },
    }),
    is: 'anna@example.com 2026-01-05T09:00:00.000Z',
  },
  auth0: {
    line: JSON.stringify({
      log_id: '9',
      data: { date: '2026-01-05T09:00:00.000Z', type: 's', user_id: 'auth0|1', user_name: 'anna@example.com', log_id: '9' },
    }),
    is: 'anna@example.com 2026-01-05T09:00:00.000Z',
  },
  entra: {
    line: JSON.stringify({
      time: '2026-01-05T09:00:00Z',
      category: 'SignInLogs',
      resultType: '0',
      properties: { id: 's1', userPrincipalName: 'anna@example.com', createdDateTime: '2026-01-05T09:00:00Z' },
    }),
    is: 'anna@example.com 2026-01-05T09:00:00.000Z',
  },
  cyberark: {
    line: '<190>Jan  5 09:00:00 vault1 CEF:0|Cyber-Ark|Vault|14.2|7|Logon|5|act="Logon" suser=anna shost=192.0.2.10',
    is: 'anna 2026-01-05T09:00:00.000Z',
  },
  delinea: {
    line: 'Jan 05 09:00:00 ss1 CEF:0|Thycotic Software|Secret Server|11.7|16|USER - LOGIN|2|msg=[[SecretServer]] Event: [User] Action: [Login] By User: anna suid=4 suser=anna src=192.0.2.10',
    is: 'anna 2026-01-05T09:00:00.000Z',
  },
  beyondtrust: {
    line: 'site=access.example.com;when=1767603600;who=anna;who_ip=192.0.2.10;event=login;target=web/login;status=success',
    is: 'anna 2026-01-05T09:00:00.000Z',
  },
  visulox: {
    line: JSON.stringify({ VLXEVENTID: 'v-1', VLXEVENTTIME: '2026-01-05T09:00:00Z', VLXEVENT: 'Login', VLXOWNER: 'anna' }),
    is: 'anna 2026-01-05T09:00:00.000Z',
  },
  mycena: {
    line: '<134>Jan  5 09:00:00 mdc1 mycena: CEF:0|MyCena|MDC|1|7|Sign in|3|user=anna',
    is: 'anna 2026-01-05T09:00:00.000Z',
  },
};

describe.each(Object.entries(LINES))('a record of %s', (id, { line, is }) => {
  it.each([
    ['behind what an agent tells of its file', { ...FILE, message: line }],
    ['in a flattened document', { '@timestamp': SENT, 'event.original': line }],
    ['in a row of the table Syslog', { TimeGenerated: SENT, Computer: 'relay', Facility: 'user', SyslogMessage: line }],
    ['in a GELF message', { version: '1.1', host: 'relay', timestamp: 1_767_603_605, short_message: line }],
    ['in the event of an HTTP collector', { time: 1_767_603_605, host: 'relay', sourcetype: 'a', event: line }],
    ['in an export of a search', { preview: false, result: { _raw: line, _time: SENT } }],
    ['in what a container wrote', { date: 1_767_603_605.5, log: line }],
  ])('is read %s', (_, carried) => {
    expect(read(id, carried)).toEqual([is]);
  });
});

describe('a row of a relay that carries nothing of a source', () => {
  it.each(Object.keys(LINES))('is rejected by %s, never ignored', (id) => {
    expect(read(id, { TimeGenerated: SENT, Computer: 'relay', SyslogMessage: 'link up' })).toEqual(['rejected']);
  });
});

describe('the line that a shipper carries', () => {
  it('is the text as it came, before what the shipper made of it', () => {
    expect(lineIn({ event: { original: 'a=1' }, message: 'made of it' })).toBe('a=1');
    expect(lineIn({ message: { text: 'a' } })).toBeUndefined();
  });
  it('was there when the shipper says', () => {
    expect(shippedAt({ '@timestamp': SENT, date: 1 })).toBe(Date.UTC(2026, 0, 5, 9, 0, 5));
    expect(shippedAt({ '@timestamp': 'never' })).toBeUndefined();
  });
});
