import type { Account, Authentication, Outcome, Privilege, Resource } from '@keyward/events';
import type { ClassifiedActivity } from '../ocsf-export/activities.js';
import { firstText, object, text, type JsonObject } from '../json.js';
import { deviceOf as browserOf } from '../user-agent.js';
import { account, described, deviceOf, known, originOf, type EventParts } from './fields.js';
import type { DuoMapping } from './mapping.js';
import { methodOf } from './proof.js';

/** The parts of an action that both logs have. */
export interface Action {
  readonly name: string;
  readonly actor: Account | undefined;
  /** What was acted on, as Duo names it: a login, a phone number, an application. */
  readonly object: string | undefined;
  readonly objectId: string | undefined;
  /** Whether what was acted on may be an account: the newer log says what it is. */
  readonly mayBeAccount: boolean;
  /** What was changed: `{"status": "Bypass"}`. */
  readonly change: JsonObject;
  readonly text: string | undefined;
  readonly failed: boolean;
  readonly access: JsonObject;
}

/** A record of the administrator log or the offline enrolment log. */
export function administratorAction(record: JsonObject): Action {
  const change = described(record['description']);
  return {
    name: (text(record['action']) ?? '').toLowerCase(),
    actor: account(record['username'], undefined, /login|2fa|activate/.test(text(record['action']) ?? '') ? change['email'] : undefined),
    object: known(record['object']),
    objectId: known(change['user_id']) ?? known(change['ukey']),
    mayBeAccount: true,
    change,
    text: Object.keys(change).length > 0 ? undefined : known(record['description']),
    failed: false,
    access: {},
  };
}

/** A record of the activity log, v2. */
export function activityAction(record: JsonObject): Action {
  const actor = object(record['actor']);
  const target = object(record['target']);
  const change = described(target['details']);
  const by = account(actor['name'], actor['key'], described(actor['details'])['email']);
  return {
    name: (text(object(record['action'])['name']) ?? '').toLowerCase(),
    actor: by && { ...by, kind: known(actor['type']) === 'admin' && by.kind === 'human' ? 'admin' : (by.kind ?? 'human') },
    object: known(target['name']),
    objectId: known(target['key']),
    mayBeAccount: /^(?:user|admin)|^$/.test(known(target['type']) ?? ''),
    change,
    text: known(object(record['action'])['details']),
    failed: /^(?:failure|failed|error|denied)/i.test(text(object(record['outcome'])['result']) ?? ''),
    access: object(record['access_device']),
  };
}

/** What `user_update` and `admin_update` changed, as far as it decides over access. */
function refined(action: Action, mapping: DuoMapping): ClassifiedActivity {
  const status = firstText(action.change['status'], action.change['_status'])?.toLowerCase();
  if (action.name !== 'user_update' && action.name !== 'admin_update') return mapping.as;
  if (action.name === 'admin_update' && text(action.change['role']) !== undefined) return { class: 'user_access', activity: 'assign_role' };
  switch (status) {
    case 'disabled':
    case 'inactive':
    case 'pending deletion':
      return { class: 'account_change', activity: 'disable' };
    case 'bypass':
      return { class: 'account_change', activity: 'mfa_factor_disable' };
    case 'active':
      return { class: 'account_change', activity: 'enable' };
    case 'locked out':
      return { class: 'account_change', activity: 'lock' };
    default: {
      const phones = action.change['phones'] ?? action.change['phone'] ?? action.change['tokens'] ?? action.change['hardtoken'];
      if (phones === undefined) return mapping.as;
      return { class: 'account_change', activity: known(phones) === undefined ? 'mfa_factor_disable' : 'mfa_factor_enable' };
    }
  }
}

export function actionEvent(action: Action, mapping: DuoMapping): EventParts {
  const as = refined(action, mapping);
  const outcome: Outcome = action.failed ? 'failure' : (mapping.outcome ?? 'success');
  const target = targetOf(action, mapping);
  const src = originOf(action.access, action.change['ip_address'], undefined);
  const agent = known(action.change['user_agent']);
  const device = deviceOf(action.access, undefined) ?? (agent === undefined ? undefined : browserOf(agent));
  const resource = resourceOf(action, mapping);
  const auth = as.class === 'authentication' && as.activity !== 'logoff' ? proofOf(action, mapping, outcome) : undefined;
  const privilege = roleOf(action, target);
  const detail = action.text ?? known(action.change['error']);
  return {
    class: as.class,
    activity: as.activity,
    code: action.name,
    outcome,
    ...(detail && { detail: detail.slice(0, 500) }),
    ...(action.actor && { actor: action.actor }),
    ...(target && target.name !== action.actor?.name && { target }),
    ...(src && { src }),
    ...(device && { device }),
    ...(auth && { auth }),
    ...(resource && { resource }),
    ...(privilege && { privilege }),
    ...(mapping.detection && { vendorRisk: { detections: [mapping.detection] } }),
  };
}

/** The user or administrator an action is about; of a factor its owner, where the record names him. */
function targetOf(action: Action, mapping: DuoMapping): Account | undefined {
  if (mapping.onAccount === true && action.mayBeAccount)
    return account(action.object ?? action.change['uname'], action.objectId, action.change['email']);
  const owner = firstText(action.change['owner_name'], action.change['username'], action.change['user'], action.change['uname']);
  return owner === undefined ? undefined : account(owner, action.change['owner_key'] ?? action.change['user_id']);
}

function resourceOf(action: Action, mapping: DuoMapping): Resource | undefined {
  if (mapping.resource === undefined) return undefined;
  const name = action.object ?? firstText(action.change['name'], action.change['hostname']) ?? action.name;
  return { kind: mapping.resource, name, ...(action.objectId && { id: action.objectId }) };
}

function proofOf(action: Action, mapping: DuoMapping, outcome: Outcome): Authentication {
  const method = methodOf(known(action.change['factor'])) ?? methodOf(known(action.change['primary_auth_method']));
  const second = known(action.change['factor']) !== undefined;
  const error = (known(action.change['error']) ?? '').toLowerCase();
  const failure =
    mapping.auth?.failure ??
    (/lock/.test(error)
      ? 'locked'
      : /disabled/.test(error)
        ? 'policy'
        : /password|credential|incorrect/.test(error)
          ? 'bad_password'
          : 'other');
  return {
    ...(method && { method }),
    ...(mapping.auth?.step && { step: mapping.auth.step }),
    ...((second || mapping.auth?.mfa === true) && { mfa: true }),
    ...(second && outcome === 'success' && { factorResult: 'approved' as const }),
    application: 'Duo Admin Panel',
    ...(outcome === 'failure' && { failure }),
  };
}

/** The role an administrator gets with his account, loses with it, or is given later. */
function roleOf(action: Action, target: Account | undefined): Privilege | undefined {
  const role = text(action.change['role']);
  if (role === undefined || !target) return undefined;
  if (action.name !== 'admin_create' && action.name !== 'admin_update' && action.name !== 'admin_delete') return undefined;
  return { change: action.name === 'admin_delete' ? 'revoked' : 'granted', entitlement: `duo:role:${role}`, jit: false };
}
