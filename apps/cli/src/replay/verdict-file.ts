import { DEFAULT_VERDICT_DAYS, latestExpiry, verdictUid, type Verdict } from '@keyward/baselines';
import { DAY_MS } from '@keyward/events';
import { InvalidInputError, readConfiguredFile } from '@keyward/runtime';
import { z } from 'zod';

/** A verdict as a file gives it: it names events, and is complete once the replay has scored them. */
export interface VerdictOrder {
  readonly verdict: Verdict;
  /** Ids of events: Keyward's (`eventId`) or the vendor's. Those of an undo are the original's. */
  readonly events: readonly string[];
}

const Given = z.object({
  id: z.string().min(1).optional(),
  at: z.iso.datetime(),
  verdict: z.enum(['benign', 'malicious']),
  eventIds: z.array(z.string().min(1)).min(1),
  scope: z.enum(['identity', 'peers']).default('identity'),
  expiresAt: z.iso.datetime().optional(),
  author: z.string().min(1).default('replay'),
  reason: z.string().default(''),
});
const TakenBack = z.object({
  undo: z.string().min(1),
  at: z.iso.datetime(),
  author: z.string().min(1).default('replay'),
  reason: z.string().default(''),
});

/**
 * Reads verdicts, one JSON object a line: `{at, verdict, eventIds, id?, scope?, expiresAt?, author?, reason?}`, or `{at, undo: <id>}` to take one back.
 * @throws InvalidInputError `verdicts.unreadable`, `verdicts.invalid` with the line
 */
export function readVerdicts(file: string): VerdictOrder[] {
  const orders = new Map<string, VerdictOrder>();
  readConfiguredFile('--verdicts', file, 'verdicts.unreadable')
    .split('\n')
    .forEach((line, index) => {
      if (line.trim() === '') return;
      const order = orderOf(line, index + 1, orders);
      orders.set(order.verdict.uid, order);
    });
  return [...orders.values()].toSorted((a, b) => a.verdict.at - b.verdict.at || (a.verdict.uid < b.verdict.uid ? -1 : 1));
}

function orderOf(line: string, number: number, known: ReadonlyMap<string, VerdictOrder>): VerdictOrder {
  const json = jsonOf(line, number);
  const isUndo = typeof json === 'object' && json !== null && 'undo' in json;
  const read = isUndo ? TakenBack.safeParse(json) : Given.safeParse(json);
  if (!read.success) throw invalid(number, z.prettifyError(read.error));
  const { author, reason } = read.data;
  const at = Date.parse(read.data.at);
  if ('undo' in read.data) {
    const original = known.get(read.data.undo);
    if (!original) throw invalid(number, `no line before it has the id ${read.data.undo}`);
    const uid = `undo of ${original.verdict.uid}`;
    return { verdict: { ...original.verdict, uid, at, author, reason, undoes: original.verdict.uid }, events: original.events };
  }
  const { id, verdict: kind, scope, expiresAt, eventIds } = read.data;
  const until = expiresAt === undefined ? at + DEFAULT_VERDICT_DAYS * DAY_MS : Math.min(Date.parse(expiresAt), latestExpiry(at));
  const uid = id ?? verdictUid(eventIds.join(' '), kind, author, at);
  return { verdict: { uid, kind, scope, at, expiresAt: until, author, reason }, events: eventIds };
}

function jsonOf(line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw invalid(number, 'this is no JSON');
  }
}

const invalid = (line: number, why: string): InvalidInputError =>
  new InvalidInputError('verdicts.invalid', `--verdicts, line ${line}: ${why}`);
