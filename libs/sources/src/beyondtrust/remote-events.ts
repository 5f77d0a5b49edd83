import type { VaultKind } from '../vault-kinds.js';

/** Events whose name doesn't tell all: the rest is read word by word. */
const NAMED: Readonly<Record<string, VaultKind>> = {
  login: 'logon',
  logout: 'logoff',
  change_password: 'user_password',
  change_username: 'user_update',
  admin_password_reset_to_factory_default: 'user_password_reset',
  reset_admin_account: 'user_password_reset',
  login_as_rep: 'logon',
  user_accounts_report_generated: 'object_read',
  reporting_erasure: 'object_delete',
  certificate_export: 'object_read',
  backup_created: 'object_read',
  sra_token_issued: 'logon',
  token_issued: 'logon',
  // An API account gets its token.
  token: 'logon',
};

/** First match decides. `_added`, `_changed`, `_removed` are the verbs; these are what they are done to. */
const NOUNS: readonly (readonly [RegExp, 'user' | 'vault' | 'member' | 'group' | 'factor' | 'right'])[] = [
  [/^(?:fido2|passwordless|two_factor|totp|authenticator|webauthn)/, 'factor'],
  [/(?:_member|_members|_user|_account|_provider)s?$/, 'member'],
  [
    /^(?:group_policy|team|jump_group|shared_jump_group|access_sponsor_group|account_group|vault_account_group|support_team|skill)s?$/,
    'group',
  ],
  [/(?:jump_item_role|vault_account_role|account_role|jump_policy_role)s?$/, 'right'],
  [/^(?:user|pending_user|vendor_user|pending_vendor_user|local_user|rep|representative|api_account|scim_user|temporary_user)s?$/, 'user'],
  [
    /^(?:vault_account|account|vault_credential|vault_username_password_account|vault_ssh_account|vault_token_account|service_account|vault_endpoint_account)s?$/,
    'vault',
  ],
];

/** Names that end like a membership and are none. */
const ACCOUNTS = /^(?:user|pending_user|pending_vendor_user|vendor_user|api_account|account|vault_account|service_account|scim_user)$/;

const OF_NOUN = {
  factor: { added: 'user_factor_add', changed: 'user_update', removed: 'user_factor_remove' },
  member: { added: 'member_add', changed: 'group_update', removed: 'member_remove' },
  group: { added: 'group_create', changed: 'group_update', removed: 'group_delete' },
  right: { added: 'right_grant', changed: 'right_change', removed: 'right_revoke' },
  user: { added: 'user_create', changed: 'user_update', removed: 'user_delete' },
  vault: { added: 'managed_create', changed: 'managed_update', removed: 'managed_delete' },
  object: { added: 'object_create', changed: 'object_update', removed: 'object_delete' },
} as const satisfies Readonly<Record<string, Readonly<Record<'added' | 'changed' | 'removed', VaultKind>>>>;

const SUFFIX = /^(.+)_(added|created|changed|modified|updated|edited|removed|deleted)$/;

/** Acts with the vault's credentials, and reports, wherever in the name they stand. */
const PHRASES: readonly (readonly [RegExp, VaultKind])[] = [
  [/check(?:ed)?_?out/, 'secret_retrieve'],
  [/check(?:ed)?_?in(?!g)/, 'secret_check_in'],
  [/inject/, 'secret_use'],
  [/rotat/, 'secret_change'],
  [/(?:access|session|jump|approval|authorization)_?.*approved|approval_granted/, 'request_approve'],
  [/(?:access|session|jump|approval|authorization)_?.*denied/, 'request_deny'],
  [/approval_request|access_request|authorization_request/, 'request_create'],
  [/(?:access|support|jump|remote)_?session_?(?:start|begin|began)|conference_begin/, 'session_open'],
  [/(?:access|support|jump|remote)_?session_?(?:end|stop|terminat)|conference_end/, 'session_close'],
  [/conference_member_added/, 'session_join'],
  [/conference_member_departed/, 'session_leave'],
  [/conference_/, 'session_other'],
  [/unlock/, 'user_unlock'],
  [/lock(?:ed|out)/, 'user_lock'],
  [/report_generated|_exported$|_downloaded$|_viewed$|_detail_generated/, 'object_read'],
];

/** What an event of Privileged Remote Access or Remote Support is, by its name: `group_policy_member_added`, `vault_account_password_rotation`. */
export function remoteKind(event: string): VaultKind {
  const name = event.toLowerCase().slice(0, 100);
  const known = Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (known !== undefined) return known;
  const phrase = PHRASES.find(([pattern]) => pattern.test(name))?.[1];
  if (phrase !== undefined) return phrase;
  const parts = SUFFIX.exec(name);
  if (parts?.[1] === undefined) return 'object_other';
  const noun = parts[1];
  const verb = /^(?:added|created)$/.test(parts[2] ?? '') ? 'added' : /^(?:removed|deleted)$/.test(parts[2] ?? '') ? 'removed' : 'changed';
  const what = ACCOUNTS.test(noun)
    ? /account$/.test(noun) && noun !== 'api_account'
      ? 'vault'
      : 'user'
    : (NOUNS.find(([pattern]) => pattern.test(noun))?.[1] ?? 'object');
  return OF_NOUN[what === 'member' && /security_provider|session_policy|public_site|^api_/.test(noun) ? 'object' : what][verb];
}
