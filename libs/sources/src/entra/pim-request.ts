import { HOUR_MS, MINUTE_MS, type AccessEvent, type Account, type Privilege } from '@keyward/events';
import { at, defined, firstText, isObject, object, text, type JsonObject } from '../json.js';
import { service, user } from './principal.js';
import type { EntraRecord } from './record.js';
import { firstInstant } from './when.js';

type Body = Omit<AccessEvent, 'uid' | 'nativeId' | 'source' | 'time'>;

/** What each request asks PIM for; Azure resources write the same words with a capital. */
const ACTIONS: ReadonlyMap<string, Privilege['change']> = new Map(
  Object.entries<Privilege['change']>({
    adminassign: 'granted',
    adminupdate: 'granted',
    adminrenew: 'granted',
    adminextend: 'extended',
    adminremove: 'revoked',
    selfactivate: 'activated',
    selfdeactivate: 'revoked',
    selfextend: 'extended',
    selfrenew: 'granted',
    selfassign: 'granted',
    selfremove: 'revoked',
  }),
);

const actionOf = (body: JsonObject): string => firstText(body['action'], body['requestType']) ?? '';

/**
 * A schedule request as Graph (`roleAssignmentScheduleRequests`, `assignmentScheduleRequests` of groups) or Azure Resource Manager give it: who asked PIM
 * for what, and how far that came. Azure keeps its fields under `properties`.
 *
 * @returns undefined when it is none
 */
export function pimRequestOf(record: JsonObject): EntraRecord | undefined {
  const inside = record['properties'];
  const body: JsonObject =
    isObject(inside) && inside['requestType'] !== undefined
      ? { ...inside, id: firstText(record['name'], record['id']), type: record['type'] }
      : record;
  const isRequest =
    ACTIONS.has(actionOf(body).toLowerCase()) &&
    body['principalId'] !== undefined &&
    firstText(body['roleDefinitionId'], body['groupId']) !== undefined;
  if (!isRequest) return undefined;
  return {
    family: 'pim_request',
    category: 'PimRequests',
    operation: actionOf(body),
    body,
    sentAt: undefined,
    callerIp: undefined,
    resultType: firstText(body['status']),
    resultDescription: undefined,
  };
}

/** What became of it, by its status; undefined: what was asked for was done. */
function stateOf(status: string): 'failure' | Privilege['change'] | undefined {
  if (/denied/.test(status)) return 'denied';
  if (/cancell?ed|timedout/.test(status)) return 'cancelled';
  if (/fail|invalid/.test(status)) return 'failure';
  if (/^revoked$/.test(status)) return 'revoked';
  return /^(?:pendingapproval|pendingadmindecision|pendingevaluation|accepted)$/.test(status) ? 'requested' : undefined;
}

/** `PT8H`, `PT1H30M`, `P1D`: ISO 8601, as far as PIM writes it. */
function durationMs(written: string | undefined): number | undefined {
  const match = /^P(?:(\d{1,4})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?(?:\d{1,5}(?:\.\d{1,9})?S)?)?$/.exec(written ?? '');
  if (!match) return undefined;
  const [, days = '0', hours = '0', minutes = '0'] = match;
  const total = (Number(days) * 24 + Number(hours)) * HOUR_MS + Number(minutes) * MINUTE_MS;
  return total > 0 ? total : undefined;
}

function principalOf(body: JsonObject): Account | undefined {
  const seen = object(at(body, 'expandedProperties', 'principal') ?? body['principal']);
  const type = firstText(seen['type'], seen['@odata.type'], body['principalType']) ?? '';
  if (/group/i.test(type)) return undefined;
  const id = body['principalId'];
  if (/serviceprincipal/i.test(type)) return service(id, seen['displayName'], seen['displayName']);
  return user(id, seen['displayName'], seen['userPrincipalName'], seen['email']);
}

/** A request to PIM: an activation, an assignment, an end. */
export function pimRequest(record: EntraRecord): Body {
  const { body } = record;
  const asked = ACTIONS.get(actionOf(body).toLowerCase()) ?? 'requested';
  const state = stateOf((record.resultType ?? '').toLowerCase());
  const change = state === undefined || state === 'failure' ? asked : state;
  const principal = principalOf(body);
  const by = object(at(body, 'createdBy', 'user'));
  const requesterId = firstText(by['id'], body['requestorId']);
  const isOwn = requesterId === undefined ? /^self/i.test(actionOf(body)) : requesterId === text(body['principalId']);
  const actor = isOwn ? principal : user(requesterId, by['displayName'], by['userPrincipalName']);
  const ofGroup = body['groupId'] !== undefined;
  const id = firstText(body['groupId'], body['roleDefinitionId'])?.split('/').at(-1);
  const name = firstText(
    at(body, 'expandedProperties', 'roleDefinition', 'displayName'),
    at(body, 'roleDefinition', 'displayName'),
    at(body, 'group', 'displayName'),
    id,
  );
  const kind = ofGroup ? (body['accessId'] === 'owner' ? 'group_owner' : 'group') : 'role';
  const eligible = /eligibility/i.test(
    `${text(body['@odata.type']) ?? ''} ${text(body['@odata.context']) ?? ''} ${text(body['type']) ?? ''}`,
  );
  const expiration = object(at(body, 'scheduleInfo', 'expiration'));
  const startsAt = firstInstant(at(body, 'scheduleInfo', 'startDateTime'));
  const lasts = durationMs(text(expiration['duration']));
  const endsAt = firstInstant(expiration['endDateTime']) ?? (startsAt === undefined || lasts === undefined ? undefined : startsAt + lasts);
  const gives = change === 'granted' || change === 'activated' || change === 'extended';
  const justification = text(body['justification']);
  const ticket = firstText(at(body, 'ticketInfo', 'ticketNumber'));
  const scopeId = firstText(body['directoryScopeId'], body['scope'], ofGroup ? undefined : '/');
  const result: Body = {
    class: 'user_access',
    activity: gives && state !== 'failure' ? 'assign_role' : change === 'revoked' ? 'remove_role' : 'other',
    code: record.operation ?? 'PIM request',
    outcome: state === 'failure' || state === 'denied' ? 'failure' : 'success',
    detail: record.resultType,
    actor,
    target: actor !== undefined && principal?.id === actor.id ? undefined : principal,
    resource: name === undefined ? undefined : { kind: ofGroup ? 'group' : 'role', name, ...(id !== undefined && { id }) },
    ticket,
    privilege:
      state === 'failure' || name === undefined || principal === undefined
        ? undefined
        : {
            change,
            entitlement: `entra:${kind}:${name}`,
            jit: asked === 'activated' || /^self/i.test(actionOf(body)) || endsAt !== undefined,
            ...(id !== undefined && { entitlementId: id }),
            ...(scopeId !== undefined && { scopeId }),
            ...(eligible && { eligible: true }),
            ...(text(body['id']) !== undefined && { requestId: text(body['id']) ?? '' }),
            ...(actor !== undefined && { requester: actor.name }),
            ...(startsAt !== undefined && { startsAt }),
            ...(endsAt !== undefined && { endsAt }),
            ...(justification !== undefined && { justification }),
            ...(ticket !== undefined && { ticket }),
          },
  };
  return defined(result) ?? result;
}
