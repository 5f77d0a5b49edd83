import { NewVerdict, VerdictWish, type AlertSummary, type IdentityCard, type VerdictPreview, type VerdictView } from '@keyward/contract';

/** As much of the mock organisation as verdicts are about. */
interface Known {
  readonly now: number;
  readonly people: readonly IdentityCard[];
  readonly alerts: readonly AlertSummary[];
  readonly verdicts: VerdictView[];
}

const DAY_MS = 86_400_000;
const iso = (at: number): string => new Date(at).toISOString();
const ABOUT = [
  'Signed in from AS64999 Example Hosting (SG), never seen for this identity in 214 acts; usual: AS64496 (DE) 94 %, AS64500 (DE) 6 %.',
  'Used another device with Firefox 140 on Linux, never seen for this identity in 214 acts; usual: Chrome 126 on Windows 11 97 %.',
  "Was active on a weekday at 03:15 local time; of this identity's 214 acts, 0.1 % are expected at times as rare as this; usual: weekday 09h 21 %.",
];

export const verdictsOf = (
  alert: AlertSummary,
  kind: VerdictView['kind'],
  author: string,
  now: number,
  more: Partial<VerdictView> = {},
): VerdictView => ({
  uid: `verdict-${alert.uid}-${now}`,
  kind,
  scope: 'identity',
  identity: alert.identity,
  alertUid: alert.uid,
  author,
  reason: kind === 'benign' ? 'On a trip to a customer, confirmed by phone' : 'The password was phished, the account is locked',
  at: iso(now),
  expiresAt: iso(now + 90 * DAY_MS),
  about: ABOUT,
  state: 'in_force',
  isApplied: true,
  undone: null,
  ...more,
});

/** A few, of every state. */
export function makeVerdicts(alerts: readonly AlertSummary[], now: number): VerdictView[] {
  const closed = alerts.filter((alert) => alert.status === 'expected' || alert.status === 'resolved');
  return closed.slice(0, 9).map((alert, index) => {
    const at = now - (index + 1) * 5 * DAY_MS;
    const kind = index % 3 === 1 ? 'malicious' : 'benign';
    if (index === 2) return verdictsOf(alert, kind, 'jonas', at, { state: 'expired', expiresAt: iso(at + 7 * DAY_MS) });
    if (index === 4)
      return verdictsOf(alert, kind, 'mia', at, {
        state: 'undone',
        undone: { by: 'jonas', at: iso(at + DAY_MS), reason: 'The wrong trip' },
      });
    return verdictsOf(alert, kind, index % 2 === 0 ? 'mia' : 'jonas', at, {
      scope: index === 0 && kind === 'benign' ? 'peers' : 'identity',
      isApplied: index !== 0,
    });
  });
}

export function previewOf({ alerts, people, now }: Known, uid: string, body: unknown): VerdictPreview | undefined {
  const alert = alerts.find((one) => one.uid === uid);
  if (!alert) return undefined;
  const { kind, days, scope } = VerdictWish.parse(body);
  const person = people.find(({ id }) => id === alert.identity.id);
  const members = people.filter(({ team }) => team === person?.team).length;
  const others = alerts
    .filter((one) => one !== alert && (scope === 'peers' || kind === 'malicious' || one.identity.id === alert.identity.id))
    .slice(0, 6);
  const rules = alert.detections.filter((detection) => detection !== 'unusual_behaviour').slice(0, 1);
  const change = kind === 'benign' ? 0.35 : 1.1;
  return {
    kind,
    at: iso(now),
    expiresAt: iso(now + days * DAY_MS),
    events: alert.events,
    about: ABOUT,
    scored: alert.score,
    score: alert.score * 0.9,
    scoreWith: Math.min(100, alert.score * 0.9 * change),
    wouldAlert: kind === 'malicious' || rules.length > 0,
    rules,
    similar: others.map((one, index) => ({
      alertUid: one.uid,
      title: one.title,
      identity: one.identity,
      lastTime: one.lastTime,
      score: one.score,
      scoreWith: Math.min(100, one.score * change),
      wouldAlert: kind === 'malicious' || index % 3 === 2,
    })),
    peers: { group: `team:${person?.team ?? 'none'}`, members, agreeing: 2, raises: kind === 'benign' },
  };
}

export function giveVerdict(organisation: Known, uid: string, body: unknown, user: string): VerdictView | undefined {
  const alert = organisation.alerts.find((one) => one.uid === uid);
  if (!alert) return undefined;
  const { kind, scope, days, reason } = NewVerdict.parse(body);
  const at = Date.now();
  const verdict = verdictsOf(alert, kind, user, at, { scope, reason, expiresAt: iso(at + days * DAY_MS) });
  organisation.verdicts.unshift(verdict);
  Object.assign(alert, { status: kind === 'benign' ? 'expected' : 'in_progress', statusBy: user, statusAt: iso(at) });
  return verdict;
}

export function undoVerdict({ verdicts, alerts }: Known, uid: string, reason: string, user: string): VerdictView | undefined {
  const verdict = verdicts.find((one) => one.uid === uid);
  if (!verdict) return undefined;
  Object.assign(verdict, { state: 'undone', undone: { by: user, at: iso(Date.now()), reason } });
  const alert = alerts.find((one) => one.uid === verdict.alertUid);
  if (alert?.status === 'expected') Object.assign(alert, { status: 'in_progress' });
  return verdict;
}
