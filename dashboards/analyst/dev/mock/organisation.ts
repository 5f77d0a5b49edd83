import type {
  AlertAction,
  AlertSummary,
  ApiToken,
  BacktestDetail,
  EffectView,
  EventSummary,
  GrantView,
  IdentityCard,
  User,
  VerdictView,
} from '@keyward/contract';
import { makeAlerts } from './alerts.js';
import { makeBacktests } from './backtests.js';
import { makeEvents } from './events.js';
import { makeEffects, makeGrants } from './grants.js';
import { makePeople } from './people.js';
import { Random } from './random.js';
import { makeVerdicts } from './verdicts.js';

/** All that the mock API knows. Changed by requests, as the real one's store is. */
export interface Organisation {
  readonly now: number;
  readonly people: IdentityCard[];
  readonly events: EventSummary[];
  readonly alerts: AlertSummary[];
  readonly grants: GrantView[];
  readonly effects: EffectView[];
  readonly actions: AlertAction[];
  readonly verdicts: VerdictView[];
  readonly backtests: BacktestDetail[];
  readonly users: User[];
  readonly tokens: ApiToken[];
}
export const SIZES = { empty: { events: 0, alerts: 0, grants: 0 }, full: { events: 4_000, alerts: 130, grants: 60 } } as const;

/** @param now what everything is dated from: the only thing that differs between two runs */
export function makeOrganisation(size: keyof typeof SIZES, now: number): Organisation {
  const counts = SIZES[size];
  const random = new Random(20_260_105);
  const people = size === 'empty' ? [] : makePeople(random, now);
  const events = makeEvents(random, people, now, counts.events);
  const alerts = counts.alerts === 0 ? [] : makeAlerts(random, people, events, now, counts.alerts);
  const open = (uid: string): number =>
    alerts.filter((alert) => alert.identity.id === uid && (alert.status === 'new' || alert.status === 'in_progress')).length;
  for (const person of people) person.openAlerts = open(person.id);
  const grants = makeGrants(random, people, now, counts.grants);
  for (const person of people)
    person.activeGrants = grants.filter((grant) => grant.identity.id === person.id && grant.state === 'active').length;
  const effects = grants.length === 0 ? [] : makeEffects(random, grants, alerts, now);
  for (const effect of effects) {
    const grant = grants.find((one) => one.uid === effect.grantUid);
    if (grant) grant.effect = { uid: effect.uid, state: effect.state };
  }
  const at = new Date(now - 86_400_000).toISOString();
  const user = (name: string, displayName: string, role: User['role']): User => ({
    name,
    displayName,
    role,
    disabled: false,
    mustChangePassword: false,
    createdAt: at,
    changedAt: at,
    lastLoginAt: at,
  });
  return {
    now,
    people,
    events,
    alerts,
    grants,
    effects,
    actions: [],
    verdicts: makeVerdicts(alerts, now),
    backtests: size === 'empty' ? [] : makeBacktests(random, { now, alerts, people }),
    users: [user('mia', 'Mia Hansen', 'admin'), user('jonas', 'Jonas Weber', 'responder'), user('lea', 'Lea Fischer', 'viewer')],
    tokens:
      size === 'empty'
        ? []
        : [
            {
              id: 't1',
              name: 'Okta log stream',
              scopes: ['ingest:okta'],
              hint: 'kw_8f2a',
              createdBy: 'mia',
              createdAt: at,
              expiresAt: null,
              lastUsedAt: at,
              revokedAt: null,
            },
          ],
  };
}
