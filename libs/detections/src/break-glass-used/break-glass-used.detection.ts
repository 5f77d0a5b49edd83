import { dayOf, type AccessEvent } from '@keyward/events';
import { accountKey, type Organisation } from '@keyward/identity';
import { z } from 'zod';
import { isPassive } from '../acts.js';
import { defineDetection, type DetectionInput, type Observation } from '../detection.js';
import { nameOf } from '../words.js';

/** Break-glass identity -> UTC day (whole days since 1970) of its newest finding. */
const State = z.record(z.string(), z.number().int());
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** Uses of one account: one finding in so many UTC days. */
  repeatDays: z.number().int().positive().max(30).default(1),
});
type Params = z.infer<typeof Params>;
type Input = DetectionInput<State, Params>;

const MAX_REPORTED = 16;
/** With a ticket open most uses are what the account is for, or a drill. */
const PLANNED_P = 1e-3;
/** A rota always has somebody on it: that he was there says little. */
const ON_CALL_P = 1e-4;
/** Names in one sentence. */
const MAX_NAMES = 4;

export const breakGlassUsed = defineDetection<State, Params>({
  id: 'break_glass_used',
  title: 'Break-glass account used',
  kind: 'rule',
  severity: 'high',
  attack: ['T1078'],
  ledger: 'identity',
  p: 1e-5, // drills are few, and announced; nothing else is meant to happen here
  params: Params,
  state: State,
  initial: () => ({}),

  evaluate(input) {
    const glass = brokenGlass(input);
    return glass === undefined || wasReported(input, glass) ? undefined : describe(input, glass);
  },
  advance(input) {
    const glass = brokenGlass(input);
    if (glass === undefined || wasReported(input, glass)) return input.state;
    const next = Object.entries({ ...input.state, [glass]: dayOf(input.event.time) }).toSorted(
      ([a, x], [b, y]) => x - y || (a < b ? -1 : 1),
    );
    return Object.fromEntries(next.slice(-MAX_REPORTED));
  },
});

/** The break-glass identity that acted, or whose credential was taken; undefined of anything else. */
function brokenGlass({ event, part, organisation }: Input): string | undefined {
  const { actor, credential, outcome } = event;
  if (part !== 'actor' || actor === undefined || outcome !== 'success' || isPassive(event)) return undefined;
  if (isBreakGlass(organisation, actor.identity)) return actor.identity;
  // A changed password is the vault's own work.
  if (credential === undefined || credential.act === 'changed') return undefined;
  const taken = event.target?.identity;
  if (isBreakGlass(organisation, taken)) return taken;
  const owner = organisation.resolve({ system: event.source, name: credential.account });
  return isBreakGlass(organisation, owner) ? owner : undefined;
}

const isBreakGlass = (organisation: Organisation, identity: string | undefined): identity is string =>
  identity !== undefined && organisation.identity(identity)?.kind === 'break_glass';

function wasReported({ event, state, params }: Input, glass: string): boolean {
  const day = state[glass];
  return day !== undefined && Math.abs(dayOf(event.time) - day) < params.repeatDays;
}

function describe(input: Input, glass: string): Observation {
  const { event, organisation } = input;
  const { tickets, onCall } = reasonsFor(input, glass);
  const reasons = [...tickets, ...onCall];
  const isTaken = event.actor?.identity !== glass;
  const who = isTaken && event.actor ? `${nameOf(organisation, event.actor.identity ?? accountKey(event.actor))} took ` : '';
  const act = `${event.class.replaceAll('_', ' ')} (${event.code})`;
  return {
    sentence: `${who}${nameOf(organisation, glass)}, an account for emergencies, ${isTaken ? 'out of the vault' : 'was used'}${from(event)}: ${act}.`,
    observed: {
      account: event.actor && !isTaken ? accountKey(event.actor) : (event.credential?.account ?? glass),
      code: event.code,
      ...(event.src?.ip !== undefined && { sourceIp: event.src.ip }),
      ...(event.resource && { resource: event.resource.name }),
      reasons,
    },
    explanation:
      reasons.length > 0
        ? reasons
        : [
            'No incident or change is open for the account, its owner or whoever acted, and none of its people is on call: ask its owner who used it.',
          ],
    ...(reasons.length > 0 && { severity: 'medium', p: tickets.length > 0 ? PLANNED_P : ON_CALL_P }),
    dedupeKey: `break_glass_used:${glass}:${dayOf(event.time)}`,
  };
}

const from = ({ src }: AccessEvent): string => (src?.ip === undefined ? '' : ` from ${src.ip}`);

/** What speaks for an emergency at that time, in a sentence each; empty where nothing does. */
function reasonsFor({ event, identity, organisation }: Input, glass: string): { readonly tickets: string[]; readonly onCall: string[] } {
  const record = organisation.identity(glass);
  const people = [...new Set([identity, event.actor?.identity, glass, record?.owner].filter((id) => id !== undefined))];
  const own = people.flatMap((id) => organisation.ticketsAt(id, event.time)).filter(({ kind }) => kind !== 'request');
  const open = [...new Set(own.map(({ id, kind, summary }) => `${kind} ${id} (${summary ?? 'no summary'})`))];
  const team = record?.team;
  const colleagues = organisation.identities.filter((one) => team !== undefined && one.team === team).map(({ id }) => id);
  const onCall = [...new Set([...people, ...colleagues])].filter((id) => organisation.isOnCall(id, event.time));
  const names = onCall.slice(0, MAX_NAMES).map((id) => nameOf(organisation, id));
  return {
    tickets: open.length > 0 ? [`Open then: ${open.slice(0, MAX_NAMES).join('; ')}.`] : [],
    onCall: names.length > 0 ? [`On call then: ${names.join(', ')}.`] : [],
  };
}
