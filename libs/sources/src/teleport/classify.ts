import type { Resource } from '@keyward/events';
import { EVENT_TYPES, IGNORED } from './event-types.js';
import { api, authentication, entity, type TeleportIgnored, type TeleportMapping } from './mapping.js';

type Verb = 'create' | 'update' | 'delete' | 'enable' | 'disable' | 'read';

/** Last word of an event's name. Teleport writes both tenses. */
const VERBS: Readonly<Record<string, Verb>> = {
  create: 'create',
  created: 'create',
  add: 'create',
  added: 'create',
  generated: 'create',
  update: 'update',
  updated: 'update',
  patch: 'update',
  rotation: 'update',
  recovery: 'update',
  delete: 'delete',
  deleted: 'delete',
  delete_all: 'delete',
  remove: 'delete',
  enable: 'enable',
  disable: 'disable',
  get: 'read',
  list: 'read',
  run: 'read',
  access: 'read',
  read: 'read',
  search: 'read',
};

/** What an object is, by the beginning of the name; first match wins. */
const FAMILIES: readonly (readonly [string, Resource['kind']])[] = [
  ['role.', 'role'],
  ['app.', 'application'],
  ['saml.idp.service.provider.', 'application'],
  ['db.', 'database'],
  ['kube.', 'host'],
  ['windows_desktop', 'host'],
  ['node.', 'host'],
  ['device.', 'device'],
  ['access_list.', 'group'],
  ['okta.', 'group'],
  ['scim.', 'account'],
  ['workload_identity', 'account'],
  ['user', 'account'],
  ['login_rule.', 'policy'],
  ['auth_preference.', 'policy'],
  ['cluster_networking_config.', 'policy'],
  ['session_recording_config.', 'policy'],
  ['client_ip_restriction', 'policy'],
  ['sigstore_policy.', 'policy'],
  ['external_audit_storage.', 'policy'],
  ['github.', 'policy'],
  ['oidc.', 'policy'],
  ['saml.', 'policy'],
  ['trusted_cluster', 'policy'],
  ['access_monitoring', 'policy'],
];

export type Classified = { readonly mapping: TeleportMapping } | { readonly ignored: TeleportIgnored };

/** @param event the event's name: `user.login`. One that Teleport has not invented yet goes by its family and last word. */
export function classify(event: string): Classified {
  const known = Object.hasOwn(EVENT_TYPES, event) ? EVENT_TYPES[event] : undefined;
  if (known) return { mapping: known };
  const ignored = IGNORED.find(([name]) => (/[._]$/.test(name) ? event.startsWith(name) : event === name));
  return ignored ? { ignored: ignored[1] } : { mapping: byName(event) };
}

function byName(event: string): TeleportMapping {
  const last = event.split('.').at(-1) ?? '';
  if (last === 'join') return authentication('logon', { auth: { step: 'session' } });
  if (event.startsWith('db.session.')) return databaseAct(last);
  if (event.startsWith('desktop.')) return api(last === 'read' || last === 'receive' ? 'read' : 'other', 'host');
  if (/^(?:app|mcp)\.session\./.test(event)) return api('other', 'application');
  const kind = FAMILIES.find(([family]) => event.startsWith(family))?.[1] ?? 'other';
  if (event === 'device.enroll') return entity('enroll', 'device');
  const verb = Object.hasOwn(VERBS, last) ? VERBS[last] : undefined;
  if (verb === undefined) return api('other', kind);
  return verb === 'read' ? api('read', kind) : entity(verb, kind);
}

/** Steps of a database's protocol that show no text of their own. */
function databaseAct(last: string): TeleportMapping {
  const activity = last.startsWith('create') ? 'create' : last.startsWith('drop') ? 'delete' : last === 'fetch' ? 'read' : 'other';
  return { ...api(activity, 'database'), about: 'login' };
}
