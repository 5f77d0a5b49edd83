import type { AccessEvent } from '@keyward/events';
import type { Label } from '../labels.js';
import { allLines, historyEvent, identityOf, isoDayOf, isoOf, type HistoryFile, type HistoryFormat } from './history.js';

/** The data has no times: each block of a hundred commands is given a day of its own. */
const START = Date.UTC(2000, 0, 3);
const DAY_MS = 86_400_000;
const BLOCK = 100;
/** The first 5,000 commands of everybody are his own. */
const TRAINING_BLOCKS = 50;

/** Fifty users, 15,000 truncated commands each; some blocks of the last 10,000 are another user's. */
export const schonlau: HistoryFormat = {
  id: 'schonlau',
  title: 'Schonlau masquerade commands',
  reference: 'Schonlau et al., "Computer Intrusion: Detecting Masquerades", Statistical Science 16(1), 2001; schonlau.net',
  recognises: (names) => names.includes('masquerade_summary.txt') && names.some((name) => userOf(name) !== undefined),
  read: async (files) => {
    const users = [...files.keys()].flatMap((name) => userOf(name) ?? []).sort((a, b) => a - b);
    const rows = (await allLines(files, 'masquerade_summary.txt')).map((line) => line.trim().split(/\s+/));
    const labels = rows.flatMap((row, block) =>
      users.flatMap((user): readonly Label[] => (row[user - 1] === '1' ? [masquerade(user, TRAINING_BLOCKS + block)] : [])),
    );
    return {
      events: users.flatMap((user) => {
        const file = files.get(`User${user}`);
        return file ? [commandsOf(user, file)] : [];
      }),
      labels,
      evaluatedFrom: isoDayOf(START + TRAINING_BLOCKS * DAY_MS),
    };
  },
};

function userOf(name: string): number | undefined {
  const number = /^User(\d+)$/.exec(name)?.[1];
  return number === undefined ? undefined : Number(number);
}

async function* commandsOf(user: number, file: HistoryFile): AsyncGenerator<AccessEvent> {
  let index = 0;
  for await (const line of file.lines) {
    const command = line.trim();
    if (command === '') continue;
    const block = Math.floor(index / BLOCK);
    const name = `user${user}`;
    yield historyEvent(`schonlau-${user}-${index}`, START + block * DAY_MS + 9 * 3_600_000 + (index % BLOCK) * 60_000, {
      class: 'process_activity',
      activity: 'launch',
      code: 'command',
      outcome: 'success',
      actor: { system: 'schonlau', name },
      session: { uid: `${name}-${block}`, kind: 'privileged' },
      command,
    });
    index += 1;
  }
}

function masquerade(user: number, block: number): Label {
  const identity = identityOf('schonlau', `user${user}`);
  const from = START + block * DAY_MS;
  return {
    id: `user${user}-block${block}`,
    label: 'attack',
    kind: 'masquerade',
    identity,
    from: isoOf(from),
    to: isoOf(from + DAY_MS - 1),
    days: [{ identity, day: isoDayOf(from) }],
    touched: [],
    events: [],
    expected: ['B2'],
  };
}
