import type { AccessEvent } from '@keyward/events';
import type { Label } from '../labels.js';
import { allLines, historyEvent, identityOf, isoDayOf, isoOf, type HistoryFile, type HistoryFormat } from './history.js';

/** Times are seconds from a day that is not told. */
const START = Date.UTC(2015, 0, 5);
const DAY_MS = 86_400_000;
/** Red-team acts begin on the second day: one day is for learning. */
const LEARNING_DAYS = 1;

/** `auth.txt` of Los Alamos: time, user, user, computer, computer, type, logon type, orientation, outcome; `redteam.txt`: time, user, computer, computer. */
export const lanl: HistoryFormat = {
  id: 'lanl',
  title: 'LANL authentication events',
  reference: 'Kent, "Comprehensive, Multi-Source Cyber-Security Events", Los Alamos National Laboratory, 2015; csr.lanl.gov/data/cyber1',
  recognises: (names) => names.includes('auth.txt') && names.includes('redteam.txt'),
  read: async (files) => {
    const auth = files.get('auth.txt');
    return {
      events: auth ? [signIns(auth)] : [],
      labels: (await allLines(files, 'redteam.txt')).map(redTeamAct),
      evaluatedFrom: isoDayOf(START + LEARNING_DAYS * DAY_MS),
    };
  },
};

async function* signIns(file: HistoryFile): AsyncGenerator<AccessEvent> {
  let number = 0;
  for await (const line of file.lines) {
    const event = signInOf(line, (number += 1));
    if (event) yield event;
  }
}

/** @returns undefined for log-offs, for acts of a computer on its own account, and for what is no record */
function signInOf(line: string, number: number): AccessEvent | undefined {
  const [seconds, user, , from, to, type, logonType, orientation, outcome] = line.trim().split(',');
  if (seconds === undefined || user === undefined || from === undefined || to === undefined || !/^\d+$/.test(seconds)) return undefined;
  if (orientation !== 'LogOn' || /^(?:C\d+\$|ANONYMOUS|LOCAL SERVICE|NETWORK SERVICE|SYSTEM)/.test(user)) return undefined;
  const host = to.toLowerCase();
  return historyEvent(`lanl-${number}`, START + Number(seconds) * 1_000, {
    class: 'authentication',
    activity: 'logon',
    code: 'auth',
    outcome: outcome === 'Success' ? 'success' : 'failure',
    actor: { system: 'lanl', name: user.toLowerCase() },
    src: { hostname: from.toLowerCase() },
    device: { id: from.toLowerCase() },
    auth: {
      ...(type !== undefined && type !== '?' && { method: type.toLowerCase() }),
      interactive: logonType === 'Interactive' || logonType === 'RemoteInteractive',
    },
    resource: { kind: 'host', name: host, host },
  });
}

function redTeamAct(line: string, index: number): Label {
  const [seconds = '0', user = ''] = line.trim().split(',');
  const time = START + Number(seconds) * 1_000;
  const identity = identityOf('lanl', user.toLowerCase());
  return {
    id: `redteam-${index + 1}`,
    label: 'attack',
    kind: 'red-team',
    identity,
    from: isoOf(time),
    to: isoOf(time),
    days: [{ identity, day: isoDayOf(time) }],
    touched: [],
    events: [{ source: 'ocsf', time: isoOf(time) }],
    expected: ['A2', 'B1', 'B3', 'A3', 'A5'],
  };
}
