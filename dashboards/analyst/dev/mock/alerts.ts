import type { AlertSummary, EventSummary, FindingView, IdentityCard } from '@keyward/contract';
import { termsOf } from './events.js';
import type { Random } from './random.js';

const STORIES = [
  {
    detection: 'impossible_travel',
    title: 'Impossible travel',
    severity: 'high',
    attack: ['T1078'],
    why: 'Signed in from Singapore 1.2 h after Berlin: 9,900 km, which takes at least 13 h.',
  },
  {
    detection: 'mfa_fatigue',
    title: 'Push accepted after 14 refusals',
    severity: 'critical',
    attack: ['T1621'],
    why: '14 push requests in 9 minutes were refused or ran out, the next one was accepted.',
  },
  {
    detection: 'password_spray',
    title: 'Password spray with a success',
    severity: 'high',
    attack: ['T1110.003'],
    why: '203.0.113.0/24 failed for 31 accounts within 20 minutes and then signed in to this one.',
  },
  {
    detection: 'unvaulted_credential',
    title: 'Vaulted credential used without check-out',
    severity: 'medium',
    attack: ['T1078.003'],
    why: 'root@db-payments was used on db-payments, but nobody had checked it out.',
  },
  {
    detection: 'jit_self_approval',
    title: 'JIT request approved by its requester',
    severity: 'high',
    attack: ['T1098'],
    why: 'The same person asked for and approved Global Administrator.',
  },
  {
    detection: 'sod_conflict',
    title: 'Create vendors and release payments in one hand',
    severity: 'medium',
    attack: ['T1098'],
    why: 'With this role the person can both create vendors and release payments (rule FIN-01).',
  },
  {
    detection: 'behaviour',
    title: 'Behaviour unlike before',
    severity: 'low',
    attack: [],
    why: 'New network, new device and an hour that is never worked, all at once.',
  },
  {
    detection: 'access_after_leave',
    title: 'Account used after its owner left',
    severity: 'critical',
    attack: ['T1078'],
    why: 'The owner left 12 days ago; the account signed in today.',
  },
] as const;
export const HOSTILE_TITLE = 'Sign-in by <script>window.hacked=1</script> from Sydney';

export function makeAlerts(
  random: Random,
  people: readonly IdentityCard[],
  events: readonly EventSummary[],
  now: number,
  count: number,
): AlertSummary[] {
  const alerts = Array.from({ length: count }, (_, i): AlertSummary => {
    const story = STORIES[i % STORIES.length] ?? STORIES[0];
    const who = people[Math.floor(16 * random.next() ** 2)] ?? people[0];
    if (!who) throw new Error('nobody');
    const last = now - Math.floor(30 * 24 * 60 * random.next() ** 1.6) * 60_000 - 120_000;
    const open = i % 3 !== 0;
    const score =
      story.severity === 'critical'
        ? 90 + random.int(0, 8)
        : story.severity === 'high'
          ? 75 + random.int(0, 12)
          : story.severity === 'medium'
            ? 52 + random.int(0, 18)
            : 28 + random.int(0, 15);
    return {
      uid: random.hex(32),
      version: 1,
      identity: { id: who.id, displayName: who.displayName },
      title: i === 5 ? HOSTILE_TITLE : story.title,
      severity: story.severity,
      score,
      entityRisk: who.risk,
      firstTime: new Date(last - random.int(2, 90) * 60_000).toISOString(),
      lastTime: new Date(last).toISOString(),
      detections: [story.detection],
      attack: [...story.attack],
      sources: [(['okta', 'entra', 'cyberark'] as const)[i % 3] ?? 'okta'],
      why: story.why,
      findings: 1 + (i % 3),
      events: events.filter((event) => event.identity.id === who.id).length % 40,
      grants: i % 4 === 0 ? 1 : 0,
      status: open ? (i % 7 === 1 ? 'in_progress' : 'new') : ((['resolved', 'false_positive', 'expected'] as const)[i % 3] ?? 'resolved'),
      statusBy: open && i % 7 !== 1 ? null : 'jonas',
      statusAt: open && i % 7 !== 1 ? null : new Date(last + 3_600_000).toISOString(),
      response: i % 9 === 2 ? 'awaiting_approval' : null,
    };
  });
  return alerts.sort((a, b) => b.lastTime.localeCompare(a.lastTime));
}

export function findingsOf(alert: AlertSummary, events: readonly EventSummary[]): FindingView[] {
  const own = events.filter((event) => event.identity.id === alert.identity.id);
  return Array.from({ length: alert.findings }, (_, i): FindingView => {
    const event = [...own].sort((a, b) => b.score - a.score)[i] ?? events[i];
    if (!event) throw new Error('no events');
    return {
      uid: `${alert.uid.slice(0, 30)}f${i}`,
      detection: i === 0 ? (alert.detections[0] ?? 'behaviour') : 'behaviour',
      title: i === 0 ? alert.title : 'Behaviour unlike before',
      kind: i === 0 ? (alert.detections[0] === 'sod_conflict' ? 'sod' : 'rule') : 'behaviour',
      severity: i === 0 ? alert.severity : 'medium',
      attack: i === 0 ? alert.attack : [],
      identity: alert.identity,
      source: alert.sources[0] ?? 'okta',
      time: event.time,
      eventUid: event.uid,
      eventUids: own.slice(0, 6).map((one) => one.uid),
      p: 1e-6,
      sentence: i === 0 ? alert.why : (event.reason ?? 'Several features were unusual at once.'),
      observed:
        i === 0 ? { distanceKm: 9912.4, elapsedHours: 1.2, fromCity: 'Berlin', toCity: event.city ?? 'Singapore' } : { score: event.score },
      grantUids: [],
      explanation: i === 0 ? ['The same session token was seen at both ends, which doubles the weight.'] : [],
      terms: termsOf({ ...event, score: Math.max(event.score, 62) }),
    };
  });
}
