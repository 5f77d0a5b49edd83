import type { AccessEvent } from '@keyward/events';
import type { Label } from '../labels.js';
import { CsvHeader, csvFields } from './csv.js';
import { historyEvent, identityOf, isoDayOf, isoOf, type HistoryFile, type HistoryFormat } from './history.js';

const FILE = 'rba-dataset.csv';
/** The log begins on 3 February 2020; four weeks are for learning. */
const EVALUATED_FROM = '2020-03-02';

/** Sign-ins to a single sign-on service of 3.3 million users, synthesised from real ones, with account takeovers marked. */
export const rba: HistoryFormat = {
  id: 'rba',
  title: 'RBA login data set',
  reference:
    'Wiefling, Jørgensen, Thunem & Lo Iacono, "Pump Up Password Security!", ACM TOPS 26(1), 2022; github.com/das-group/rba-dataset',
  recognises: (names) => names.includes(FILE),
  read: async (files) => {
    const file = files.get(FILE);
    const labels: Label[] = [];
    // Takeovers stand within the log: one look through it for them, one for the events.
    if (file) for await (const { takeover } of logins(file)) if (takeover) labels.push(takeover);
    return { events: file ? [eventsOf(file)] : [], labels, evaluatedFrom: EVALUATED_FROM };
  },
};

async function* eventsOf(file: HistoryFile): AsyncGenerator<AccessEvent> {
  for await (const { event } of logins(file)) yield event;
}

interface Login {
  readonly event: AccessEvent;
  readonly takeover: Label | undefined;
}
async function* logins(file: HistoryFile): AsyncGenerator<Login> {
  let header: CsvHeader | undefined;
  for await (const line of file.lines) {
    if (!header) {
      header = new CsvHeader(line);
      continue;
    }
    const login = loginOf(header, csvFields(line));
    if (login) yield login;
  }
}

function loginOf(header: CsvHeader, fields: readonly string[]): Login | undefined {
  const field = (name: string): string | undefined => header.field(fields, name);
  const user = field('User ID');
  const time = Date.parse(`${(field('Login Timestamp') ?? '').replace(' ', 'T')}Z`);
  const nativeId = field('index') ?? fields[0];
  if (user === undefined || nativeId === undefined || Number.isNaN(time)) return undefined;
  const asn = Number(field('ASN'));
  const [ip, city, region, country] = [field('IP Address'), field('City'), field('Region'), field('Country')];
  const [userAgent, browser, os, type] = [
    field('User Agent String'),
    field('Browser Name and Version'),
    field('OS Name and Version'),
    field('Device Type'),
  ];
  const event = historyEvent(`rba-${nativeId}`, time, {
    class: 'authentication',
    activity: 'logon',
    code: 'login',
    outcome: isTrue(field('Login Successful')) ? 'success' : 'failure',
    actor: { system: 'rba', name: user },
    src: {
      ...(ip !== undefined && { ip }),
      ...(Number.isInteger(asn) && asn > 0 && { asn }),
      geo: {
        ...(city !== undefined && city !== '-' && { city }),
        ...(region !== undefined && region !== '-' && { region }),
        ...(country !== undefined && { country }),
      },
    },
    device: {
      ...(userAgent !== undefined && { userAgent }),
      ...(browser !== undefined && { browser }),
      ...(os !== undefined && { os }),
      ...(type !== undefined && { type }),
    },
    auth: { method: 'password' },
  });
  return { event, takeover: isTrue(field('Is Account Takeover')) ? takeoverOf(nativeId, user, time) : undefined };
}
const isTrue = (text: string | undefined): boolean => text?.toLowerCase() === 'true' || text === '1';

function takeoverOf(nativeId: string, user: string, time: number): Label {
  const identity = identityOf('rba', user);
  return {
    id: `takeover-${nativeId}`,
    label: 'attack',
    kind: 'account-takeover',
    identity,
    from: isoOf(time),
    to: isoOf(time),
    days: [{ identity, day: isoDayOf(time) }],
    touched: [],
    events: [{ source: 'ocsf', time: isoOf(time) }],
    expected: ['A1', 'A2', 'A4', 'A3'],
  };
}
