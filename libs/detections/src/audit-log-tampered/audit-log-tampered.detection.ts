import { DAY_MS, HOUR_MS } from '@keyward/events';
import { accountKey } from '@keyward/identity';
import { z } from 'zod';
import { isPassive } from '../acts.js';
import { defineDetection, type DetectionInput, type Observation } from '../detection.js';
import { nameOf } from '../words.js';
import { tamperingOf, type Tampering } from './tampering.js';

/** Kind of tampering -> when the identity did it last, epoch ms. */
const State = z.record(z.string(), z.number());
type State = z.infer<typeof State>;

const Params = z.strictObject({
  /** Who did the same within this time does it as a part of his work: no finding. It also makes one finding of a series. */
  habitDays: z.number().positive().max(365).default(30),
});
type Params = z.infer<typeof Params>;
type Input = DetectionInput<State, Params>;

/** Under the own open ticket most are planned; a team's is open for others too. */
const PLANNED_FACTOR = 30;
const TEAM_FACTOR = 5;

export const auditLogTampered = defineDetection<State, Params>({
  id: 'audit_log_tampered',
  title: 'Audit log tampered with',
  kind: 'rule',
  severity: 'high',
  attack: ['T1562.008', 'T1562.001', 'T1070.001', 'T1070.003'],
  ledger: 'identity',
  p: 1e-4, // whoever sets logs up does it once, and seldom by hand
  params: Params,
  state: State,
  initial: () => ({}),

  evaluate(input) {
    const done = tampering(input);
    return done === undefined || isHabit(input, done) ? undefined : describe(input, done);
  },
  advance(input) {
    const done = tampering(input);
    if (done === undefined) return input.state;
    return { ...input.state, [done.kind]: Math.max(input.state[done.kind] ?? -Infinity, input.event.time) };
  },
});

/** A machine's own account changes its audit policy as the directory tells it; nobody did that. */
function tampering({ event, part }: Input): Tampering | undefined {
  if (part !== 'actor' || event.outcome !== 'success' || event.actor === undefined || event.actor.kind === 'system') return undefined;
  return isPassive(event) ? undefined : tamperingOf(event);
}

function isHabit({ event, state, params }: Input, { kind }: Tampering): boolean {
  const at = state[kind];
  return at !== undefined && Math.abs(event.time - at) <= params.habitDays * DAY_MS;
}

function describe({ event, identity, organisation }: Input, { kind, words, p = auditLogTampered.p }: Tampering): Observation {
  const tickets = organisation.ticketsAt(identity, event.time).filter((ticket) => ticket.kind !== 'request');
  const record = organisation.identity(identity);
  const names = [identity, record?.email].flatMap((name) => name?.toLowerCase() ?? []);
  const isPlanned = tickets.some(({ owner }) => owner !== undefined && names.includes(owner.toLowerCase()));
  const isOpen = tickets.length > 0;
  const about = event.command ?? event.resource?.name;
  const account = event.actor ? accountKey(event.actor) : identity;
  return {
    sentence: `${nameOf(organisation, identity)} ${words} (${event.code}${about === undefined ? '' : `: ${about.slice(0, 200)}`}).`,
    observed: {
      account,
      code: event.code,
      kind,
      ...(about !== undefined && { object: about.slice(0, 500) }),
      ...(event.src?.ip !== undefined && { sourceIp: event.src.ip }),
      tickets: tickets.map(({ id }) => id),
    },
    explanation: isOpen
      ? [`Open then: ${tickets.map(({ id, kind: of, summary }) => `${of} ${id} (${summary ?? 'no summary'})`).join('; ')}.`]
      : ['No change or incident of this identity or its team is open.'],
    severity: isPlanned ? 'low' : isOpen || p > auditLogTampered.p ? 'medium' : 'high',
    p: p * (isPlanned ? PLANNED_FACTOR : isOpen ? TEAM_FACTOR : 1),
    dedupeKey: `audit_log_tampered:${Math.floor(event.time / (24 * HOUR_MS))}`,
  };
}
