import type { ClassifiedActivity } from '../ocsf-export/activities.js';
import { at, firstText, flag, list, object, text, type JsonObject } from '../json.js';
import { decodedPath, type Act } from './management.js';
import { person, type TenantLog } from './tenant-log.js';

/** What a directory pushed: SCIM calls on `/Users` and `/Groups`. */
export function scimAct(log: TenantLog): Act | undefined {
  const { request, body } = log;
  const path = decodedPath(text(request['path']) ?? '');
  const method = text(request['method'])?.toUpperCase() ?? '';
  const action = `${text(log.details['action']) ?? ''} ${method}`.toLowerCase();
  if (/\/groups?(?:\/|$)/i.test(path) || /group/.test(action)) {
    const name = firstText(body['displayName'], idIn(path)) ?? 'group';
    return { as: { class: 'group_management', activity: groupActivity(action) }, resource: { kind: 'group', name } };
  }
  const id = idIn(path);
  const email = firstText(body['userName'], at(list(body['emails'])[0], 'value'));
  const target = person(id, email);
  return { as: userActivity(action, body), ...(target && { target }) };
}

const idIn = (path: string): string | undefined => text(/\/(?:users|groups)\/([^/?#]+)/i.exec(path)?.[1]);

const groupActivity = (action: string): 'create' | 'delete' | 'update' =>
  /delete/.test(action) ? 'delete' : /post|create/.test(action) ? 'create' : 'update';

function userActivity(action: string, body: JsonObject): ClassifiedActivity {
  if (/delete/.test(action)) return { class: 'account_change', activity: 'delete' };
  if (/get|read|search|list/.test(action)) return { class: 'api_activity', activity: 'read' };
  if (/post|create/.test(action)) return { class: 'account_change', activity: 'create' };
  const active = flag(body['active']) ?? activeInPatch(body);
  if (active !== undefined) return { class: 'account_change', activity: active ? 'enable' : 'disable' };
  return { class: 'account_change', activity: 'other' };
}

/** `{Operations: [{op: 'replace', path: 'active', value: false}]}`, or `value: {active: false}`. */
function activeInPatch(body: JsonObject): boolean | undefined {
  for (const one of list(body['Operations'])) {
    const value = at(one, 'value');
    const active = text(at(one, 'path')) === 'active' ? flag(value) : flag(object(value)['active']);
    if (active !== undefined) return active;
  }
  return undefined;
}
