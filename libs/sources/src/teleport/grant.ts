import type { AccessEvent, Privilege } from '@keyward/events';
import { accountName } from '../account-name.js';
import { parseInstant } from '../instant.js';
import { at, defined, list, text, type JsonObject } from '../json.js';
import type { TeleportMapping } from './mapping.js';

type Change = Privilege['change'];

/** Roles that may do everything, as Teleport ships them and as people name their own. */
const STRONG = /admin|^editor$|root|owner|^auditor$|prod/i;
const strongest = (roles: unknown): string | undefined => {
  const names = list(roles).flatMap((role) => text(role) ?? []);
  return names.find((name) => STRONG.test(name)) ?? names[0];
};

/** `access_request.*` by its own state; of a review, by what the reviewer proposed. */
const STATES: Readonly<Record<string, Change>> = {
  PENDING: 'requested',
  APPROVED: 'approved',
  DENIED: 'denied',
  PROMOTED: 'granted',
};

/** No grant ended before Teleport was made: Go's zero time, or a number near nothing, says that there is no end. */
const EARLIEST = Date.UTC(2015, 0, 1);

export function endOf(value: unknown): number | undefined {
  const end = parseInstant(value);
  return end === undefined || end < EARLIEST ? undefined : end;
}

/** What the event gives or takes; one entitlement, of several roles the strongest. */
export function privilegeOf(event: string, record: JsonObject, mapping: TeleportMapping): AccessEvent['privilege'] {
  switch (mapping.gives) {
    case 'request':
      return requested(event, record);
    case 'roles': {
      const role = strongest(record['roles']);
      const endsAt = endOf(record['expires']);
      return role === undefined
        ? undefined
        : defined({ change: 'granted' as const, entitlement: `teleport:role:${role}`, jit: endsAt !== undefined, endsAt });
    }
    case 'membership': {
      const name = text(record['access_list_name']) ?? text(record['name']);
      const change = mapping.activity === 'add_user' ? 'granted' : 'revoked';
      return name === undefined ? undefined : { change, entitlement: `teleport:access_list:${name}`, jit: false };
    }
    case 'certificate':
      return certified(record);
    default:
      return undefined;
  }
}

/**
 * Whose request it is. Reviews, decisions and deletions name who decided; only newer versions say who had asked.
 *
 * @returns undefined when the event doesn't tell: then nothing is given to anybody, or the approver would seem to get it
 */
export function requesterOf(event: string, record: JsonObject): string | undefined {
  if (event === 'access_request.create') return accountName(record['user']);
  const decided = accountName(record['reviewer'] ?? record['updated_by'] ?? record['delegator']);
  const user = event === 'access_request.update' ? accountName(record['user']) : undefined;
  return accountName(record['requester']) ?? (user === decided ? undefined : user);
}

function requested(event: string, record: JsonObject): AccessEvent['privilege'] {
  const change = changeOf(event, record);
  const requester = requesterOf(event, record);
  if (change === undefined || requester === undefined) return undefined;
  const requestId = text(record['id']) ?? text(record['request_id']);
  const role = strongest(record['roles']);
  // Later steps name no role: the request's id joins them to the first.
  const entitlement =
    role === undefined ? (requestId === undefined ? undefined : `teleport:request:${requestId}`) : `teleport:role:${role}`;
  if (entitlement === undefined) return undefined;
  const by = accountName(record['reviewer'] ?? record['updated_by'] ?? record['delegator']);
  return defined<Privilege>({
    change,
    entitlement,
    jit: true,
    requestId,
    requester,
    approver: change === 'approved' || change === 'denied' ? by : undefined,
    startsAt: endOf(record['assume_start_time']),
    endsAt: endOf(record['expires']) ?? endOf(record['max_duration']),
    justification: text(record['reason']),
  });
}

function changeOf(event: string, record: JsonObject): Change | undefined {
  switch (event) {
    case 'access_request.create':
      return 'requested';
    case 'access_request.delete':
      return 'cancelled';
    case 'access_request.expire':
      return 'expired';
    case 'access_request.review':
      return STATES[text(record['proposed_state'])?.toUpperCase() ?? text(record['state'])?.toUpperCase() ?? ''];
    default:
      return STATES[text(record['state'])?.toUpperCase() ?? ''];
  }
}

/** A certificate that was issued under an approved request: from now on its holder has the role. */
function certified(record: JsonObject): AccessEvent['privilege'] {
  const requestId = list(at(record, 'identity', 'access_requests')).flatMap((id) => text(id) ?? [])[0];
  const role = strongest(at(record, 'identity', 'roles'));
  if (requestId === undefined || role === undefined) return undefined;
  const endsAt = endOf(at(record, 'identity', 'expires'));
  return defined<Privilege>({ change: 'activated', entitlement: `teleport:role:${role}`, jit: true, requestId, endsAt });
}
