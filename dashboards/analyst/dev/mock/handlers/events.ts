import { termsOf } from '../events.js';
import { page, where } from '../lists.js';
import type { Handlers } from './handler.js';

export const EVENTS: Handlers = {
  'events.list': ({ organisation, query }) => page(where.events(organisation.events, query), query),
  'events.show': ({ organisation, params }) => {
    const summary = organisation.events.find((event) => event.uid === params['uid']);
    if (!summary) return undefined;
    const { uid, source, activity, code, outcome } = summary;
    return {
      summary,
      event: {
        uid,
        nativeId: `native-${uid.slice(0, 12)}`,
        source,
        time: Date.parse(summary.time),
        class: summary.class,
        activity,
        code,
        outcome,
        actor: { system: source, name: summary.account ?? 'unknown' },
        ...(summary.ip === null ? {} : { src: { ip: summary.ip } }),
      },
      ocsf: {
        class_uid: 3002,
        activity_id: 1,
        time: Date.parse(summary.time),
        metadata: { uid: `native-${uid.slice(0, 12)}`, event_code: code },
      },
      score: summary.score,
      p: summary.score >= 50 ? 0.0003 : 0.4,
      terms: termsOf(summary),
      notEvaluated: summary.city === null ? [{ feature: 'A4_travel', why: 'the record has no place' }] : [],
      snapshot: 'snap-2026-01-05-9f31',
      stratum: 'human/medium',
      findings: [],
      alerts: organisation.alerts
        .filter((alert) => alert.identity.id === summary.identity.id && summary.score >= 50)
        .slice(0, 2)
        .map(({ uid: alertUid, title }) => ({ uid: alertUid, title })),
    };
  },
};
