import { severityId, type AlertSummary, type EffectView, type EventSummary, type GrantView, type IdentityCard } from '@keyward/contract';

export type Query = Readonly<Record<string, string>>;
export const numberOf = (text: string | undefined, fallback: number): number => (text === undefined ? fallback : Number(text));

/** The cursor is the offset: enough for a list that stands still. */
export function page<Item>(items: readonly Item[], query: Query): { items: readonly Item[]; nextCursor: string | null; total: number } {
  const from = numberOf(query['cursor'], 0);
  const to = from + numberOf(query['limit'], 50);
  return { items: items.slice(from, to), nextCursor: to < items.length ? String(to) : null, total: items.length };
}

const among = (wanted: string | undefined, values: readonly string[]): boolean =>
  wanted === undefined || wanted.split(',').some((one) => values.includes(one));
const within = (at: string, query: Query): boolean =>
  (query['from'] === undefined || at >= query['from']) && (query['to'] === undefined || at < query['to']);
const says = (text: string | undefined, fields: readonly (string | null)[]): boolean =>
  text === undefined || fields.some((field) => field?.toLowerCase().includes(text.toLowerCase()) ?? false);
const equal = (wanted: string | undefined, value: string | null): boolean => wanted === undefined || wanted === value;

export const where = {
  alerts(alerts: readonly AlertSummary[], query: Query): readonly AlertSummary[] {
    const kept = alerts.filter(
      (alert) =>
        among(query['status'], [alert.status]) &&
        among(query['severity'], [alert.severity]) &&
        among(query['detection'], alert.detections) &&
        among(query['source'], alert.sources) &&
        equal(query['identity'], alert.identity.id) &&
        within(alert.lastTime, query) &&
        alert.score >= numberOf(query['minScore'], 0) &&
        says(query['text'], [alert.title, alert.why, alert.identity.displayName]),
    );
    switch (query['sort']) {
      case 'oldest':
        return [...kept].reverse();
      case 'score':
        return [...kept].sort((a, b) => b.score - a.score);
      case 'risk':
        return [...kept].sort((a, b) => b.entityRisk - a.entityRisk);
      case 'severity':
        return [...kept].sort((a, b) => severityId(b.severity) - severityId(a.severity));
      default:
        return kept;
    }
  },
  events(events: readonly EventSummary[], query: Query): readonly EventSummary[] {
    const kept = events.filter((event) => {
      const at = new Date(event.time);
      return (
        equal(query['identity'] ?? query['actor'], event.identity.id) &&
        among(query['source'], [event.source]) &&
        among(query['class'], [event.class]) &&
        equal(query['outcome'], event.outcome) &&
        equal(query['ip'], event.ip) &&
        equal(query['network'], event.network) &&
        equal(query['country'], event.country) &&
        equal(query['city'], event.city) &&
        equal(query['device'], event.device) &&
        equal(query['application'], event.application) &&
        equal(query['resource'], event.resource) &&
        equal(query['weekday'], String(((at.getUTCDay() + 6) % 7) + 1)) &&
        equal(query['hour'], String(at.getUTCHours())) &&
        event.score >= numberOf(query['minScore'], 0) &&
        within(event.time, query) &&
        says(query['text'], [event.account, event.ip, event.resource, event.code, event.detail])
      );
    });
    if (query['sort'] === 'oldest') return [...kept].reverse();
    return query['sort'] === 'score' ? [...kept].sort((a, b) => b.score - a.score) : kept;
  },
  identities(people: readonly IdentityCard[], query: Query): readonly IdentityCard[] {
    const kept = people.filter(
      (person) =>
        among(query['kind'], [person.kind]) &&
        equal(query['privileged'], String(person.privileged)) &&
        person.risk >= numberOf(query['minRisk'], 0) &&
        says(query['text'], [person.displayName, person.id, person.email, person.team]),
    );
    if (query['sort'] === 'name') return [...kept].sort((a, b) => a.displayName.localeCompare(b.displayName));
    return [...kept].sort((a, b) => b.risk - a.risk);
  },
  grants(grants: readonly GrantView[], query: Query): readonly GrantView[] {
    return grants
      .filter(
        (grant) =>
          among(query['state'], [grant.state]) &&
          equal(query['identity'], grant.identity.id) &&
          equal(query['system'], grant.system) &&
          equal(query['jit'], String(grant.jit)) &&
          says(query['text'], [grant.entitlement, grant.principal, grant.ticket]),
      )
      .sort((a, b) => (a.endsAt ?? '9').localeCompare(b.endsAt ?? '9') * (query['state'] === 'active' ? 1 : -1));
  },
  effects(effects: readonly EffectView[], query: Query): readonly EffectView[] {
    return effects.filter(
      (effect) =>
        among(query['state'], [effect.state]) &&
        equal(query['identity'], effect.identity.id) &&
        equal(query['alert'], effect.alertUid) &&
        equal(query['grant'], effect.grantUid),
    );
  },
};
