import { ENGINE_RULES, keyValue, UNKNOWN_ENGINE } from './engine-paths.js';
import { api, type Rule, type VaultMapping, type Verb } from './mapping.js';
import { AUTH_RULES, IDENTITY_RULES, SYSTEM_RULES } from './system-paths.js';

/** Vault's own names of operations. @see sdk/logical/request.go */
const VERBS: ReadonlyMap<string, Verb> = new Map(
  Object.entries({
    create: 'write',
    update: 'write',
    patch: 'write',
    recover: 'write',
    renew: 'write',
    revoke: 'delete',
    delete: 'delete',
    read: 'read',
    list: 'read',
    scan: 'read',
    help: 'read',
    header: 'read',
    'alias-lookahead': 'read',
    'resolve-role': 'read',
  }),
);

/** Types of mount that keep key/value secrets. Vault before 1.4 names none: then by the customary names of mounts. */
const KV_TYPES: ReadonlySet<string> = new Set(['kv', 'generic', 'cubbyhole', 'ns_cubbyhole', 'kv-v2', 'kv-v1']);
const KV_BY_NAME = /^(?:secrets?|kv[^/]*|cubbyhole)\/|^[^/]+\/data\//;

export interface Classified {
  readonly mapping: VaultMapping;
  /** The login that the path names, where it names one. */
  readonly user: string | undefined;
}

/** @param path relative to its namespace, as the audit entry has it */
export function classify(path: string, operation: string, mountType: string | undefined): Classified {
  const verb = VERBS.get(operation) ?? 'write';
  const { on, user } = meaningOf(path, mountType);
  const mapping = on[verb];
  // A path that is known, asked for in a way that does nothing to it.
  return mapping ? { mapping: precise(mapping, operation), user } : { mapping: api(verb === 'write' ? 'update' : verb), user: undefined };
}

function meaningOf(path: string, mountType: string | undefined): { readonly on: Rule['on']; readonly user: string | undefined } {
  const rules = rulesOf(path);
  if (rules === ENGINE_RULES && (mountType === undefined ? KV_BY_NAME.test(path) : KV_TYPES.has(mountType)))
    return { on: keyValue(path), user: undefined };
  for (const rule of rules) {
    const match = rule.path.exec(path);
    if (match) return { on: rule.on, user: match.groups?.['user'] };
  }
  return { on: UNKNOWN_ENGINE, user: undefined };
}

function rulesOf(path: string): readonly Rule[] {
  if (path.startsWith('sys/')) return SYSTEM_RULES;
  if (path.startsWith('auth/')) return AUTH_RULES;
  return path.startsWith('identity/') ? IDENTITY_RULES : ENGINE_RULES;
}

/** Listing and asking for help show no secret; where Vault tells making from changing, so do we. */
function precise(mapping: VaultMapping, operation: string): VaultMapping {
  if (operation === 'list' || operation === 'scan' || operation === 'help' || operation === 'header')
    return api('read', mapping.resource === undefined ? {} : { resource: mapping.resource });
  if (operation === 'create' && mapping.class === 'entity_management' && mapping.activity === 'update')
    return { ...mapping, activity: 'create' };
  if (operation === 'update' && mapping.class === 'account_change' && mapping.activity === 'create' && mapping.ofUser === true)
    return { ...mapping, activity: 'other' };
  return mapping;
}

/** Endpoints that show the state of the server and nothing that anybody keeps in it. */
const STATUS =
  /^sys\/(?:health|leader|seal-status|ha-status|metrics|version-history|activation-flags|host-info|in-flight-req|internal\/(?:ui|specs|counters)(?:\/|$)|pprof|monitor|replication\/(?:[^/]+\/)?status|init$)/;
export const isServerStatus = (path: string, operation: string): boolean => VERBS.get(operation) === 'read' && STATUS.test(path);
