import {
  AlertStatusChange,
  BulkAlertStatusChange,
  NewApiToken,
  NewDecision,
  NewUser,
  type Role,
  UserChange,
  type RouteName,
  type StreamEvent,
} from '@keyward/contract';
import { findingsOf } from './alerts.js';
import { askBacktest, BACKTEST_SETTINGS, cancelBacktest, lookAtBacktest } from './backtests.js';
import { decideLink, linksOf, linkSummaryOf, undoLink } from './links.js';
import { Random } from './random.js';
import { termsOf } from './events.js';
import { stepsOf } from './grants.js';
import { numberOf, page, where, type Query } from './lists.js';
import { overviewOf, pulseOf, rhythmOf, riskHistoryOf, usageOf } from './overview.js';
import type { Organisation } from './organisation.js';
import { sourceAsIdentity, sourceOf, sourcesOf } from './sources.js';
import { giveVerdict, previewOf, undoVerdict } from './verdicts.js';

export interface MockRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Query;
  readonly body: unknown;
  readonly organisation: Organisation;
  readonly user: string;
  readonly publish: (event: StreamEvent) => void;
}
/** Answers 404 by returning nothing. */
type Handler = (request: MockRequest) => unknown;

const iso = (at: number): string => new Date(at).toISOString();

export const HANDLERS: Partial<Record<RouteName, Handler>> = {
  'overview.show': ({ organisation, query }) => overviewOf(organisation, numberOf(query['hours'], 168)),
  'pulse.show': ({ organisation }) => pulseOf(organisation),
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
  'verdicts.list': ({ organisation: { verdicts }, query: { state, alert, identity, ...query } }) =>
    page(
      verdicts.filter(
        (one) =>
          (state === undefined || one.state === state) &&
          (alert === undefined || one.alertUid === alert) &&
          (identity === undefined || one.identity.id === identity),
      ),
      query,
    ),
  'links.list': ({ organisation, query: { state, ...query } }) =>
    page(
      linksOf(organisation).filter((link) => state === undefined || state.split(',').includes(link.state)),
      query,
    ),
  'links.summary': ({ organisation }) => linkSummaryOf(organisation),
  'links.unresolved': () => ({ days: 7, accounts: 0, events: 0, bySystem: [], items: [] }),
  'links.decide': ({ organisation, body, user }) => decideLink(organisation, body, user),
  'links.undo': ({ organisation, params }) => undoLink(organisation, params['uid'] ?? ''),
  'verdicts.preview': ({ organisation, params, body }) => previewOf(organisation, params['uid'] ?? '', body),
  'verdicts.create': ({ organisation, params, body, user }) => giveVerdict(organisation, params['uid'] ?? '', body, user),
  'verdicts.undo': ({ organisation, params, query, user }) => undoVerdict(organisation, params['uid'] ?? '', query['reason'] ?? '', user),
  'backtests.settings': () => BACKTEST_SETTINGS,
  'backtests.list': ({ organisation: { backtests } }) => ({ items: backtests.map(({ result: _, ...summary }) => summary) }),
  'backtests.show': ({ organisation, params }) => lookAtBacktest(organisation, params['id'] ?? '', new Random(7)),
  'backtests.create': ({ organisation, body, user }) => askBacktest(organisation, body, user),
  'backtests.cancel': ({ organisation, params }) => cancelBacktest(organisation, params['id'] ?? ''),
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
  'identities.list': ({ organisation, query }) => page(where.identities(organisation.people, query), query),
  'identities.show': ({ organisation, params }) => {
    const card = organisation.people.find((person) => person.id === params['id']);
    if (!card) return undefined;
    const own = organisation.events.filter((event) => event.identity.id === card.id);
    return {
      card,
      accounts: [...new Set(own.map((event) => event.source))].map((system) => ({
        system,
        name: card.email ?? card.id,
        lastSeen: own.find((event) => event.source === system)?.time ?? null,
        events: own.filter((event) => event.source === system).length,
        link: { to: 'events', query: { identity: card.id, source: system } },
      })),
      groups: ['all-staff', 'vpn-users', 'db-admins'],
      peerGroups: [`team:${card.team ?? 'none'}`, `department:${card.department ?? 'none'}`],
      eligibleRoles: card.privileged ? ['Global Administrator', 'DB-Payments'] : [],
      startsAt: '2023-04-01',
      endsAt: null,
      contributions: organisation.alerts
        .filter((one) => one.identity.id === card.id)
        .slice(0, 5)
        .map((one, i) => ({
          findingUid: one.uid,
          detection: one.detections[0] ?? 'behaviour',
          title: one.title,
          at: one.lastTime,
          evidence: 13,
          halfLifeDays: 7,
          share: [0.52, 0.24, 0.13, 0.07, 0.04][i] ?? 0,
          alertUid: one.uid,
          eventUid: null,
        })),
      tickets: card.privileged ? [{ id: 'CHG-40102', kind: 'change', summary: 'Replication password rotation' }] : [],
    };
  },
  'identities.risk': ({ organisation, params, query }) => riskHistoryOf(organisation, params['id'] ?? '', numberOf(query['days'], 30)),
  'identities.rhythm': ({ organisation, params }) => rhythmOf(organisation, params['id'] ?? ''),
  'identities.usage': ({ organisation, params, query }) =>
    usageOf(organisation, params['id'] ?? '', kindOf(query['kind']), numberOf(query['days'], 30)),
  'identities.peers': ({ organisation, params }) => {
    const self = organisation.people.find((person) => person.id === params['id']);
    if (!self) return undefined;
    const peers = organisation.people.filter((person) => person.team === self.team && person.kind === self.kind);
    return { group: `team:${self.team ?? 'none'}`, size: peers.length, items: [...peers].sort((a, b) => b.risk - a.risk) };
  },
  'grants.list': ({ organisation, query }) => page(where.grants(organisation.grants, query), query),
  'grants.show': ({ organisation, params }) => {
    const grant = organisation.grants.find((one) => one.uid === params['uid']);
    if (!grant) return undefined;
    return {
      grant,
      effects: organisation.effects.filter((effect) => effect.grantUid === grant.uid),
      timeline: organisation.events.filter((event) => event.identity.id === grant.identity.id && event.class === 'user_access').slice(0, 3),
      alerts: [],
    };
  },
  'effects.list': ({ organisation, query }) => page(where.effects(organisation.effects, query), query),
  'effects.show': ({ organisation, params }) => {
    const effect = organisation.effects.find((one) => one.uid === params['uid']);
    return effect ? { effect, steps: stepsOf(effect), decisions: [] } : undefined;
  },
  'decisions.create': ({ organisation, body, user, publish }) => {
    const decision = NewDecision.parse(body);
    const effect = decision.kind === 'revoke' ? undefined : organisation.effects.find((one) => one.uid === decision.effectUid);
    if (effect) {
      if (decision.kind === 'approve') effect.approvals = [...effect.approvals, user];
      effect.state =
        decision.kind === 'deny' ? 'denied' : effect.approvals.length >= effect.approvalsNeeded ? 'verified' : 'awaiting_approval';
      publish({ kind: 'effect', uid: effect.uid, alertUid: effect.alertUid, grantUid: effect.grantUid, state: effect.state });
    }
    const grant = organisation.grants.find((one) => one.uid === (decision.kind === 'revoke' ? decision.grantUid : effect?.grantUid));
    if (grant && (decision.kind === 'revoke' || effect?.state === 'verified')) {
      grant.state = 'revoked';
      grant.endedAt = iso(Date.now());
      publish({ kind: 'grant', uid: grant.uid, identity: grant.identity.id, state: 'revoked', entitlement: grant.entitlement });
    }
    return {
      uid: 'd1',
      kind: decision.kind,
      effectUid: effect?.uid ?? null,
      alertUid: null,
      grantUid: grant?.uid ?? null,
      user,
      reason: decision.reason,
      at: iso(Date.now()),
    };
  },
  'users.list': ({ organisation }) => ({ items: organisation.users }),
  'users.create': ({ organisation, body }) => {
    const { name, role, displayName } = NewUser.parse(body);
    const at = iso(organisation.now);
    const user = {
      name,
      displayName: displayName ?? name,
      role,
      disabled: false,
      mustChangePassword: true,
      createdAt: at,
      changedAt: at,
      lastLoginAt: null,
    };
    organisation.users.push(user);
    return { user, password: 'made-once-and-shown-once' };
  },
  'users.change': ({ organisation, params, body }) => {
    const user = organisation.users.find((one) => one.name === params['name']);
    const change = UserChange.parse(body);
    if (user) Object.assign(user, change);
    return user;
  },
  'users.reset_password': ({ organisation, params }) => {
    const user = organisation.users.find((one) => one.name === params['name']);
    return user ? { user: { ...user, mustChangePassword: true }, password: 'another-one-shown-once' } : undefined;
  },
  'tokens.list': ({ organisation }) => ({ items: organisation.tokens }),
  'tokens.create': ({ organisation, body, user }) => {
    const { name, scopes, expiresAt } = NewApiToken.parse(body);
    const record = {
      id: `t${organisation.tokens.length + 1}`,
      name,
      scopes,
      hint: 'kw_new0',
      createdBy: user,
      createdAt: iso(organisation.now),
      expiresAt: expiresAt ?? null,
      lastUsedAt: null,
      revokedAt: null,
    };
    organisation.tokens.push(record);
    return { token: 'kw_new0secretsecretsecret', record };
  },
  'audit.list': ({ organisation, query }) =>
    page(
      organisation.users.map((user, i) => ({
        id: `a${i}`,
        at: iso(organisation.now - i * 60_000),
        user: user.name,
        action: 'session.login',
        object: user.name,
        outcome: i === 2 ? 'failure' : 'success',
        detail: '',
        address: '192.0.2.7',
      })),
      query,
    ),
  'policy.show': () => ({
    source: 'response-policy.yaml',
    policy: {
      mode: 'approve',
      maxRevocationsPerHour: 5,
      protectedIdentities: ['break-glass-1'],
      rules: [
        { id: 'critical-on-privileged-role', minSeverity: 'critical', entitlements: ['entra:role:*'], mode: 'approve', approvals: 2 },
      ],
    },
  }),
  'sod.show': ({ organisation }) => ({
    functions: [
      { id: 'create_vendor', entitlements: ['erp:role:vendor-maint'], activities: 1 },
      { id: 'release_payment', entitlements: ['erp:role:pay-release'], activities: 1 },
    ],
    rules:
      organisation.alerts.length === 0
        ? []
        : [
            {
              id: 'FIN-01',
              name: 'Create vendors and release payments',
              severity: 'high',
              functions: ['create_vendor', 'release_payment'],
              when: 'overlapping',
              sameObject: false,
              windowHours: 24,
              mitigations: 1,
              conflicts: { count: 2, link: { to: 'alerts', query: { detection: 'sod_conflict' } } },
            },
          ],
    conflicts: organisation.alerts
      .filter((alert) => alert.detections.includes('sod_conflict'))
      .slice(0, 2)
      .flatMap((alert) => findingsOf(alert, organisation.events).slice(0, 1))
      .map((finding) => ({ ...finding, observed: { ...finding.observed, rule: 'FIN-01' } })),
  }),
  'sources.list': ({ organisation, query }) => sourcesOf(organisation, numberOf(query['hours'], 24)),
  'sources.show': ({ organisation, params, query }) => sourceOf(organisation, params['source'] ?? '', numberOf(query['hours'], 24)),
  'organisation.show': ({ organisation }) => ({
    version: 'org-4f1c22',
    files: (['identities', 'assets', 'groups', 'roles', 'tickets', 'sod'] as const).map((file, i) => ({
      file,
      records: organisation.people.length * (6 - i),
      importedAt: organisation.people.length === 0 ? null : iso(organisation.now - 7_200_000),
    })),
  }),
};
const kindOf = (kind: string | undefined): 'network' | 'device' | 'resource' | 'application' | 'country' =>
  kind === 'device' || kind === 'resource' || kind === 'application' || kind === 'country' ? kind : 'network';

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
export const roleOf = (organisation: Organisation, name: string): Role =>
  organisation.users.find((user) => user.name === name)?.role ?? 'viewer';
