import type { Alert } from '@keyward/alerts';
import type { Grant } from '@keyward/identity';
import type { Decision, Effect } from '@keyward/response';
import type { DeliveryState, EntityRisk } from '@keyward/stages';
import { instant, instantOrNull, text, type TableOf } from '../rows.js';

export const alerts: TableOf<Alert> = {
  name: 'alerts',
  cells: [
    ['uid', (alert) => alert.uid],
    ['version', (alert) => alert.version],
    ['identity', (alert) => text(alert.identity)],
    ['display_name', (alert) => text(alert.displayName)],
    ['title', (alert) => text(alert.title)],
    ['severity', (alert) => alert.severity],
    ['score', (alert) => alert.score],
    ['entity_risk', (alert) => alert.entityRisk],
    ['first_time', (alert) => instant(alert.firstTime)],
    ['last_time', (alert) => instant(alert.lastTime)],
    ['dedupe_key', (alert) => text(alert.dedupeKey)],
    ['detections', (alert) => alert.detections],
    ['attack', (alert) => alert.attack],
    ['sources', (alert) => alert.sources.map(text)],
    ['finding_uids', (alert) => alert.findingUids],
    ['event_uids', (alert) => alert.eventUids],
    ['grant_uids', (alert) => alert.grantUids],
    ['alert', (alert) => JSON.stringify(alert)],
  ],
};

export const entityRisk: TableOf<EntityRisk> = {
  name: 'entity_risk',
  cells: [
    ['identity', (row) => text(row.identity)],
    ['at', (row) => instant(row.at)],
    ['risk', (row) => row.risk],
    ['contributions', (row) => JSON.stringify(row.contributions)],
  ],
};

export interface VersionedGrant {
  readonly grant: Grant;
  readonly version: number;
}
export const grants: TableOf<VersionedGrant> = {
  name: 'grants',
  cells: [
    ['uid', ({ grant }) => grant.uid],
    ['version', ({ version }) => Math.max(0, version)],
    ['identity', ({ grant }) => text(grant.identity)],
    ['system', ({ grant }) => text(grant.system)],
    ['principal', ({ grant }) => text(grant.principal)],
    ['entitlement', ({ grant }) => text(grant.entitlement)],
    ['jit', ({ grant }) => grant.jit],
    ['state', ({ grant }) => grant.state],
    ['requester', ({ grant }) => text(grant.requester)],
    ['approver', ({ grant }) => text(grant.approver)],
    ['requested_at', ({ grant }) => instantOrNull(grant.requestedAt)],
    ['starts_at', ({ grant }) => instantOrNull(grant.startsAt)],
    ['ends_at', ({ grant }) => instantOrNull(grant.endsAt)],
    ['ended_at', ({ grant }) => instantOrNull(grant.endedAt)],
    ['grant_json', ({ grant }) => JSON.stringify(grant)],
  ],
};

export const effects: TableOf<Effect> = {
  name: 'effects',
  cells: [
    ['chain', (effect) => effect.chain],
    ['seq', (effect) => effect.seq],
    ['hash', (effect) => effect.hash],
    ['prev_hash', (effect) => effect.prevHash],
    ['uid', (effect) => effect.uid],
    ['at', (effect) => instant(effect.at)],
    ['state', (effect) => effect.state],
    ['mode', (effect) => effect.mode],
    ['rule', (effect) => text(effect.rule)],
    ['alert_uid', (effect) => effect.alertUid],
    ['identity', (effect) => text(effect.identity)],
    ['grant_uid', (effect) => effect.grantUid],
    ['entitlement', (effect) => text(effect.entitlement)],
    ['connector', (effect) => text(effect.connector)],
    ['actor', (effect) => text(effect.actor)],
    ['effect', (effect) => JSON.stringify(effect)],
  ],
};

export const deliveries: TableOf<DeliveryState> = {
  name: 'deliveries',
  cells: [
    ['id', (delivery) => delivery.id],
    ['sink', (delivery) => delivery.sink],
    ['alert_uid', (delivery) => delivery.alertUid],
    ['alert_version', (delivery) => delivery.alertVersion],
    ['state', (delivery) => delivery.state],
    ['attempts', (delivery) => delivery.attempts],
    ['last_error', (delivery) => text(delivery.lastError)],
    ['updated_at', (delivery) => instant(delivery.updatedAt)],
  ],
};

export const decisions: TableOf<Decision> = {
  name: 'decisions',
  cells: [
    ['uid', (decision) => decision.uid],
    ['kind', (decision) => decision.kind],
    ['effect_uid', (decision) => text(decision.effectUid)],
    ['alert_uid', (decision) => text(decision.alertUid)],
    ['grant_uid', (decision) => text(decision.grantUid)],
    ['user', (decision) => text(decision.user)],
    ['reason', (decision) => text(decision.reason)],
    ['at', (decision) => instant(decision.at)],
  ],
};
