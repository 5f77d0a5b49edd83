import { AlertStatusChange, BulkAlertStatusChange } from '@keyward/contract';
import { findingsOf } from '../alerts.js';
import { page, where } from '../lists.js';
import { sourceAsIdentity } from '../sources.js';
import { iso, type Handlers, type MockRequest } from './handler.js';

export const ALERTS: Handlers = {
  'alerts.list': ({ organisation, query }) => page(where.alerts(organisation.alerts, query), query),
  'alerts.facets': ({ organisation: { alerts } }) => {
    const open = alerts.filter((alert) => alert.status === 'new' || alert.status === 'in_progress');
    const count = (values: readonly string[]): { value: string; count: number }[] =>
      [...new Set(values)].map((value) => ({ value, count: values.filter((one) => one === value).length }));
    return {
      status: count(alerts.map((alert) => alert.status)),
      severity: count(open.map((alert) => alert.severity)),
      detection: count(open.flatMap((alert) => alert.detections)),
      source: count(open.flatMap((alert) => alert.sources)),
    };
  },
  'alerts.show': ({ organisation, params }) => {
    const alert = organisation.alerts.find((one) => one.uid === params['uid']);
    const identity = organisation.people.find((person) => person.id === alert?.identity.id) ?? sourceAsIdentity(alert?.identity.id);
    if (!alert || !identity) return undefined;
    const own = organisation.events.filter((event) => event.identity.id === identity.id);
    const contributions = organisation.alerts.filter((one) => one.identity.id === identity.id).slice(0, 5);
    return {
      alert,
      explanation: [
        alert.why,
        'The network Example Hosting in SG was never seen for this person nor for any of 14 peers; 94% of the sign-ins come from Example Telecom in DE.',
        'The hour 03:00 to 04:00 has 0.1% of the activity of this person.',
        'Without the network the score would be 41.',
        `The grant is held since 2026-01-04 09:12 UTC, learned from event ${own[0]?.uid ?? ''}.`,
        'No sign-in with this device was seen in 90 days.',
        'The same was seen once for a peer, in November.',
      ],
      contributions: contributions.map((one, i) => ({
        findingUid: one.uid,
        detection: one.detections[0] ?? 'behaviour',
        title: one.title,
        at: one.lastTime,
        evidence: 13 / (i + 1),
        halfLifeDays: 7,
        share: [0.52, 0.24, 0.13, 0.07, 0.04][i] ?? 0,
        alertUid: one.uid,
        eventUid: null,
      })),
      findings: findingsOf(alert, organisation.events),
      timeline: own.slice(0, 12).reverse(),
      grants: organisation.grants.filter((grant) => grant.identity.id === identity.id).slice(0, 2),
      effects: organisation.effects.filter((effect) => effect.alertUid === alert.uid),
      actions: organisation.actions.filter((action) => action.alertUid === alert.uid),
      deliveries: [{ id: `${alert.uid}-1`, sink: 'siem', state: 'delivered', attempts: 1, lastError: null, updatedAt: alert.lastTime }],
      identity,
    };
  },
  'alerts.change': ({ body, params, ...request }) => {
    const { status, note } = AlertStatusChange.parse(body);
    setStatus(request, [params['uid'] ?? ''], status, note);
    return request.organisation.alerts.find((alert) => alert.uid === params['uid']);
  },
  'alerts.change_many': ({ body, ...request }) => {
    const { uids, status, note } = BulkAlertStatusChange.parse(body);
    return setStatus(request, uids, status, note);
  },
  'alerts.actions': ({ organisation, params }) => ({ items: organisation.actions.filter((action) => action.alertUid === params['uid']) }),
};

function setStatus(
  { organisation, user, publish }: Omit<MockRequest, 'params' | 'body'>,
  uids: readonly string[],
  status: AlertStatusChange['status'],
  note: string,
): { changed: string[]; unchanged: string[]; notFound: string[] } {
  const result = { changed: [] as string[], unchanged: [] as string[], notFound: [] as string[] };
  for (const uid of uids) {
    const alert = organisation.alerts.find((one) => one.uid === uid);
    if (!alert) result.notFound.push(uid);
    else {
      (alert.status === status ? result.unchanged : result.changed).push(uid);
      organisation.actions.unshift({
        uid: `act-${organisation.actions.length}`,
        alertUid: uid,
        at: iso(Date.now()),
        user,
        from: alert.status,
        to: status,
        note,
      });
      Object.assign(alert, { status, statusBy: user, statusAt: iso(Date.now()) });
      publish({ kind: 'alert_status', uid, status, user });
    }
  }
  return result;
}
