import type { AccessEvent } from '@keyward/events';
import type { Label } from '../labels.js';
import { CsvHeader, csvFields } from './csv.js';
import { allLines, daysBetween, historyEvent, identityOf, isoDayOf, isoOf, type HistoryFile, type HistoryFormat } from './history.js';

/** What is read: who was at which machine, and what was plugged in or copied there. Mail and web traffic are no acts of access. */
const FILES: readonly string[] = ['logon.csv', 'device.csv', 'file.csv'];
/** Data sets begin on 2 January 2010; two months are for learning. */
const EVALUATED_FROM = isoDayOf(Date.UTC(2010, 2, 1));

/** CERT insider-threat test sets: `logon.csv` (id, date, user, pc, activity), `device.csv`, `file.csv`, and `insiders.csv` of the answers. */
export const cert: HistoryFormat = {
  id: 'cert',
  title: 'CERT insider threat test data',
  reference:
    'Glasser & Lindauer, "Bridging the Gap: A Pragmatic Approach to Generating Insider Threat Data", IEEE SPW 2013; doi.org/10.1184/R1/12841247',
  recognises: (names) => names.includes('logon.csv') && names.includes('insiders.csv'),
  read: async (files) => {
    const [head = '', ...rows] = await allLines(files, 'insiders.csv');
    const header = new CsvHeader(head);
    const labels: Label[] = [];
    for (const [index, line] of rows.entries()) {
      const fields = csvFields(line);
      const label = insider(header, fields, index, await actsOfAnswer(files, header.field(fields, 'details')));
      if (label) labels.push(label);
    }
    return {
      events: FILES.flatMap((name) => {
        const file = files.get(name);
        return file ? [actsOf(file)] : [];
      }),
      labels,
      evaluatedFrom: EVALUATED_FROM,
    };
  },
};

async function* actsOf(file: HistoryFile): AsyncGenerator<AccessEvent> {
  let header: CsvHeader | undefined;
  for await (const line of file.lines) {
    if (!header) {
      header = new CsvHeader(line);
      continue;
    }
    const event = actOf(file.name, header, csvFields(line));
    if (event) yield event;
  }
}

function actOf(file: string, header: CsvHeader, fields: readonly string[]): AccessEvent | undefined {
  const field = (name: string): string | undefined => header.field(fields, name);
  const [id, user, pc, activity] = [field('id'), field('user'), field('pc')?.toLowerCase(), field('activity')?.toLowerCase()];
  const time = timeOf(field('date'));
  if (
    id === undefined ||
    user === undefined ||
    pc === undefined ||
    time === undefined ||
    activity === 'logoff' ||
    activity === 'disconnect'
  )
    return undefined;
  const common = {
    outcome: 'success',
    actor: { system: 'cert', name: user.toLowerCase() },
    src: { hostname: pc },
    device: { id: pc },
  } as const;
  if (file === 'logon.csv')
    return historyEvent(id, time, {
      ...common,
      class: 'authentication',
      activity: 'logon',
      code: 'logon',
      resource: { kind: 'host', name: pc, host: pc },
    });
  const what =
    file === 'device.csv'
      ? ({ kind: 'device', name: 'removable medium' } as const)
      : ({ kind: 'other', name: `file to removable medium, ${pc}` } as const);
  return historyEvent(id, time, { ...common, class: 'api_activity', activity: 'access', code: file.replace('.csv', ''), resource: what });
}

/** `01/02/2010 06:49:00`, without a zone: taken as UTC. */
function timeOf(text: string | undefined): number | undefined {
  const [, month, day, year, hour, minute, second] = /^(\d{1,2})\/(\d{1,2})\/(\d{4}) (\d{1,2}):(\d{2}):?(\d{2})?$/.exec(text ?? '') ?? [];
  if (year === undefined) return undefined;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second ?? 0));
}

/** Times of the acts that an answer file lists (`r4.2-1-ABC0001.csv`: kind, id, date, user, pc, activity); none where the folder has no such file. */
async function actsOfAnswer(files: ReadonlyMap<string, HistoryFile>, name: string | undefined): Promise<readonly number[]> {
  const times: number[] = [];
  const file = name === undefined ? undefined : files.get(name);
  if (file)
    for await (const line of file.lines)
      times.push(
        ...csvFields(line)
          .flatMap((field) => timeOf(field.trim()) ?? [])
          .slice(0, 1),
      );
  return times;
}

/** With the set's answer files the days of the acts; without, each day between the first and the last, of which most are ordinary. */
function insider(header: CsvHeader, fields: readonly string[], index: number, acts: readonly number[]): Label | undefined {
  const user = header.field(fields, 'user');
  const from = timeOf(header.field(fields, 'start'));
  const to = timeOf(header.field(fields, 'end'));
  if (user === undefined || from === undefined || to === undefined) return undefined;
  const identity = identityOf('cert', user.toLowerCase());
  const days = acts.length === 0 ? daysBetween(from, to) : [...new Set(acts.map(isoDayOf))];
  return {
    id: `insider-${index + 1}`,
    label: 'attack',
    kind: `scenario ${header.field(fields, 'scenario') ?? '?'}`,
    identity,
    from: isoOf(from),
    to: isoOf(to),
    days: days.map((day) => ({ identity, day })),
    touched: [],
    events: acts.map((time) => ({ source: 'ocsf', time: isoOf(time) })),
    expected: ['A2', 'A3', 'B1', 'B3'],
  };
}
