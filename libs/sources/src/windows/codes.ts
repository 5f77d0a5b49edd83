import type { Credential, Privilege } from '@keyward/events';
import type { ClassifiedActivity } from '../ocsf-export/activities.js';

/** Why an event says nothing about access: a metric label, so a closed set. */
export type WindowsIgnored =
  | 'logon_detail'
  | 'privilege_use'
  | 'object_access'
  | 'service_message'
  | 'background_process'
  | 'credential_manager'
  | 'screen_saver'
  | 'other_channel'
  | 'other_event';

/** Which fields name who acted and on whom. */
export type Roles =
  /** `Target*` is who signed in or proved himself. */
  | 'target_acts'
  /** `Subject*` acted on account `Target*`. */
  | 'on_account'
  /** `Subject*` gave or took a member of group `Target*`. */
  | 'on_member'
  /** `Subject*` acted on group `Target*`. */
  | 'on_group'
  /** `Subject*` acted on something else. */
  | 'subject_acts'
  /** `Account*` and `Client*` of a session that was picked up or left. */
  | 'session'
  /** `UserData` of the terminal services. */
  | 'terminal'
  /** `Subject*` signs in as `Target*`. */
  | 'switches';

export interface CodeMeaning {
  readonly as: ClassifiedActivity;
  readonly roles: Roles;
  /** The event is only written of failures. */
  readonly failed?: true;
  readonly change?: Extract<Privilege['change'], 'granted' | 'revoked'>;
  readonly act?: Credential['act'];
  readonly step?: 'primary' | 'session';
  readonly about?: 'policy' | 'service' | 'task' | 'right' | 'audit_log' | 'secret' | 'directory' | 'certificate';
}

const logon = (
  activity: Extract<ClassifiedActivity, { class: 'authentication' }>['activity'],
  roles: Roles = 'target_acts',
  more: Partial<CodeMeaning> = {},
): CodeMeaning => ({
  as: { class: 'authentication', activity },
  roles,
  ...more,
});
const account = (
  activity: Extract<ClassifiedActivity, { class: 'account_change' }>['activity'],
  more: Partial<CodeMeaning> = {},
): CodeMeaning => ({
  as: { class: 'account_change', activity },
  roles: 'on_account',
  ...more,
});
type GroupActivity = Extract<ClassifiedActivity, { class: 'group_management' }>['activity'];
const group = (activity: GroupActivity): CodeMeaning => ({ as: { class: 'group_management', activity }, roles: 'on_group' });
const ADDED: CodeMeaning = { as: { class: 'group_management', activity: 'add_user' }, roles: 'on_member', change: 'granted' };
const REMOVED: CodeMeaning = { as: { class: 'group_management', activity: 'remove_user' }, roles: 'on_member', change: 'revoked' };
const entity = (
  activity: Extract<ClassifiedActivity, { class: 'entity_management' }>['activity'],
  about: CodeMeaning['about'],
  more: Partial<CodeMeaning> = {},
): CodeMeaning => ({ as: { class: 'entity_management', activity }, roles: 'subject_acts', ...(about && { about }), ...more });
const right = (activity: 'assign_privileges' | 'revoke_privileges', change: CodeMeaning['change']): CodeMeaning => ({
  as: { class: 'user_access', activity },
  roles: 'on_account',
  about: 'right',
  ...(change && { change }),
});

/**
 * Events of the Security log that tell of access, by id.
 *
 * @see https://learn.microsoft.com/windows-server/identity/ad-ds/plan/appendix-l--events-to-monitor and the pages of the advanced audit policy
 */
export const SECURITY: Readonly<Record<number, CodeMeaning>> = {
  4624: logon('logon'),
  4625: logon('logon', 'target_acts', { failed: true }),
  4634: logon('logoff'),
  4647: logon('logoff'),
  4648: logon('account_switch', 'switches'),
  4649: logon('logon', 'target_acts', { failed: true }),
  4672: { as: { class: 'authorize_session', activity: 'assign_privileges' }, roles: 'subject_acts' },
  4964: { as: { class: 'authorize_session', activity: 'assign_groups' }, roles: 'target_acts' },
  4688: { as: { class: 'process_activity', activity: 'launch' }, roles: 'subject_acts' },
  4768: logon('authentication_ticket'),
  4769: logon('service_ticket_request'),
  4770: logon('service_ticket_renew'),
  4771: logon('preauth', 'target_acts', { failed: true }),
  4772: logon('authentication_ticket', 'target_acts', { failed: true }),
  4773: logon('service_ticket_request', 'target_acts', { failed: true }),
  4774: logon('preauth'),
  4775: logon('preauth', 'target_acts', { failed: true }),
  4776: logon('logon'),
  4777: logon('logon', 'target_acts', { failed: true }),
  4778: logon('logon', 'session', { step: 'session' }),
  4779: logon('logoff', 'session', { step: 'session' }),
  4800: logon('logoff', 'target_acts', { step: 'session' }),
  4801: logon('logon', 'target_acts', { step: 'session' }),
  4820: logon('authentication_ticket', 'target_acts', { failed: true }),
  4821: logon('service_ticket_request', 'target_acts', { failed: true }),
  4822: logon('logon', 'target_acts', { failed: true }),
  4823: logon('logon', 'target_acts', { failed: true }),
  4824: logon('preauth', 'target_acts', { failed: true }),
  4825: logon('logon', 'session', { failed: true }),
  5378: logon('logon', 'subject_acts', { failed: true }),
  5632: logon('logon', 'subject_acts'),
  5633: logon('logon', 'subject_acts'),
  6272: logon('logon', 'subject_acts'),
  6273: logon('logon', 'subject_acts', { failed: true }),
  6274: logon('logon', 'subject_acts', { failed: true }),
  6276: logon('logon', 'subject_acts', { failed: true }),
  6278: logon('logon', 'subject_acts'),
  6279: { as: { class: 'account_change', activity: 'lock' }, roles: 'subject_acts' },
  6280: { as: { class: 'account_change', activity: 'unlock' }, roles: 'subject_acts' },
  4720: account('create'),
  4722: account('enable'),
  4723: account('password_change', { act: 'changed' }),
  4724: account('password_reset', { act: 'changed' }),
  4725: account('disable'),
  4726: account('delete'),
  4738: account('other'),
  4740: account('lock'),
  4741: account('create'),
  4742: account('other'),
  4743: account('delete'),
  4765: account('other'),
  4766: account('other', { failed: true }),
  4767: account('unlock'),
  4780: account('other'),
  4781: account('other'),
  4782: account('other'),
  4794: account('password_reset'),
  4798: entity('read', undefined, { roles: 'on_account' }),
  4799: entity('read', undefined, { roles: 'on_group' }),
  4727: group('create'),
  4728: ADDED,
  4729: REMOVED,
  4730: group('delete'),
  4731: group('create'),
  4732: ADDED,
  4733: REMOVED,
  4734: group('delete'),
  4735: group('update'),
  4737: group('update'),
  4744: group('create'),
  4745: group('update'),
  4746: ADDED,
  4747: REMOVED,
  4748: group('delete'),
  4749: group('create'),
  4750: group('update'),
  4751: ADDED,
  4752: REMOVED,
  4753: group('delete'),
  4754: group('create'),
  4755: group('update'),
  4756: ADDED,
  4757: REMOVED,
  4758: group('delete'),
  4759: group('create'),
  4760: group('update'),
  4761: ADDED,
  4762: REMOVED,
  4763: group('delete'),
  4764: group('update'),
  4783: group('create'),
  4784: group('update'),
  4785: ADDED,
  4786: REMOVED,
  4787: REMOVED,
  4788: ADDED,
  4789: group('delete'),
  4790: group('create'),
  4791: group('update'),
  4792: group('delete'),
  4704: right('assign_privileges', 'granted'),
  4705: right('revoke_privileges', 'revoked'),
  4717: right('assign_privileges', 'granted'),
  4718: right('revoke_privileges', 'revoked'),
  4706: entity('create', 'policy'),
  4707: entity('delete', 'policy'),
  4713: entity('update', 'policy'),
  4714: entity('update', 'policy'),
  4716: entity('update', 'policy'),
  4715: entity('update', 'policy'),
  4719: entity('update', 'policy'),
  4906: entity('update', 'policy'),
  4908: entity('update', 'policy'),
  4912: entity('update', 'policy'),
  4739: entity('update', 'policy'),
  4817: entity('update', 'policy'),
  4865: entity('create', 'policy'),
  4866: entity('delete', 'policy'),
  4867: entity('update', 'policy'),
  4697: entity('create', 'service'),
  4698: entity('create', 'task'),
  4699: entity('delete', 'task'),
  4700: entity('enable', 'task'),
  4701: entity('disable', 'task'),
  4702: entity('update', 'task'),
  4886: entity('create', 'certificate'),
  4887: entity('create', 'certificate'),
  // Who may enrol, and for what: the certificate authority's own rights, settings and templates.
  4868: entity('update', 'certificate'),
  4869: entity('update', 'certificate'),
  4870: entity('delete', 'certificate'),
  4873: entity('update', 'certificate'),
  4874: entity('update', 'certificate'),
  4876: entity('read', 'certificate'),
  4884: entity('create', 'certificate'),
  4885: entity('update', 'policy'),
  4889: entity('create', 'certificate'),
  4891: entity('update', 'policy'),
  4893: entity('read', 'certificate'),
  4896: entity('delete', 'certificate'),
  4897: entity('update', 'policy'),
  4882: entity('update', 'policy'),
  4890: entity('update', 'policy'),
  4892: entity('update', 'policy'),
  4899: entity('update', 'policy'),
  4900: entity('update', 'policy'),
  4888: entity('create', 'certificate', { failed: true }),
  5136: entity('update', 'directory'),
  5137: entity('create', 'directory'),
  5138: entity('resume', 'directory'),
  5139: entity('move', 'directory'),
  5141: entity('delete', 'directory'),
  5376: entity('read', 'secret'),
  5377: entity('update', 'secret'),
  1102: entity('delete', 'audit_log'),
  // Before Windows Vista.
  517: entity('delete', 'audit_log'),
};

/** 4662 with the rights of replication. */
export const DIRECTORY_COPIED = entity('read', 'secret');

const IGNORED: Readonly<Record<number, WindowsIgnored>> = {
  4626: 'logon_detail',
  4627: 'logon_detail',
  4646: 'logon_detail',
  4675: 'logon_detail',
  4673: 'privilege_use',
  4674: 'privilege_use',
  4703: 'privilege_use',
  4689: 'background_process',
  4696: 'background_process',
  4793: 'logon_detail',
  4797: 'logon_detail',
  4802: 'screen_saver',
  4803: 'screen_saver',
  5379: 'credential_manager',
  5380: 'credential_manager',
  5381: 'credential_manager',
  5382: 'credential_manager',
};
const OBJECT_ACCESS: ReadonlySet<number> = new Set([
  4656, 4657, 4658, 4659, 4660, 4661, 4662, 4663, 4664, 4670, 4690, 4691, 4907, 5140, 5142, 5143, 5144, 5145, 5168,
]);
const SERVICE: ReadonlySet<number> = new Set([
  1100, 1101, 1104, 1105, 1108, 4608, 4609, 4610, 4611, 4612, 4614, 4615, 4616, 4618, 4621, 4622, 4826, 4902, 5024, 5033, 5058, 5059, 5061,
]);

/** Terminal services, LocalSessionManager and RemoteConnectionManager. */
const TERMINAL: Readonly<Record<number, CodeMeaning>> = {
  21: logon('logon', 'terminal', { step: 'session' }),
  22: logon('logon', 'terminal', { step: 'session' }),
  23: logon('logoff', 'terminal'),
  24: logon('logoff', 'terminal'),
  25: logon('logon', 'terminal', { step: 'session' }),
  1149: logon('logon', 'terminal'),
};
/** The System log: a service was installed; a log was cleared. */
const SYSTEM: Readonly<Record<number, CodeMeaning>> = { 104: entity('delete', 'audit_log'), 7045: entity('create', 'service') };

/**
 * What an event means, by its id and the log that it stands in; collectors that name no log mean Security.
 *
 * @param source channel and provider, lower case
 */
export function meaningOf(id: number, source: string): CodeMeaning | { readonly ignore: WindowsIgnored } {
  if (source.includes('terminalservices')) return TERMINAL[id] ?? { ignore: 'other_event' };
  if (/^system\b|service control manager|microsoft-windows-eventlog/.test(source) && SYSTEM[id]) return SYSTEM[id];
  const isSecurity = source === '' || /\bsecurity\b|forwardedevents|eventlog|schannel|^adfs/.test(source);
  if (!isSecurity) return { ignore: 'other_channel' };
  const known = SECURITY[id];
  if (known) return known;
  const ignored = IGNORED[id];
  if (ignored) return { ignore: ignored };
  if (OBJECT_ACCESS.has(id)) return { ignore: 'object_access' };
  if (SERVICE.has(id)) return { ignore: 'service_message' };
  // What a coming version adds to the family of account management.
  if (id >= 4720 && id <= 4767) return account('other');
  return { ignore: 'other_event' };
}
