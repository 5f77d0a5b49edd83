/** What an audit record tells of. Each kind is one OCSF class and activity (`kinds.ts`) and one way of reading the record's fields. */
export type Kind =
  | 'logon'
  | 'logoff'
  | 'gateway_logon'
  | 'secret_retrieve'
  | 'secret_use'
  | 'secret_store'
  | 'secret_change'
  | 'secret_verify'
  | 'secret_disable'
  | 'secret_check_in'
  | 'secret_lock'
  | 'session_open'
  | 'session_close'
  | 'session_watch'
  | 'session_command'
  | 'session_window'
  | 'command_start'
  | 'command_end'
  | 'user_create'
  | 'user_update'
  | 'user_delete'
  | 'user_enable'
  | 'user_disable'
  | 'user_unlock'
  | 'user_lock'
  | 'user_password'
  | 'user_key_add'
  | 'user_key_remove'
  | 'user_read'
  | 'owner_add'
  | 'owner_update'
  | 'owner_remove'
  | 'group_create'
  | 'group_update'
  | 'group_delete'
  | 'member_add'
  | 'member_remove'
  | 'request_create'
  | 'request_confirm'
  | 'request_reject'
  | 'request_cancel'
  | 'request_expire'
  | 'object_create'
  | 'object_read'
  | 'object_update'
  | 'object_delete'
  | 'object_move'
  | 'object_enable'
  | 'object_disable'
  | 'object_other';

/** Why a record says nothing about access. */
export type IgnoreReason = 'vault_housekeeping' | 'vault_health' | 'component_task' | 'continuation';

export type Meaning = { readonly kind: Kind; readonly failed?: true } | { readonly ignore: IgnoreReason };

const is = (kind: Kind): Meaning => ({ kind });
const failed = (kind: Kind): Meaning => ({ kind, failed: true });
const ignore = (reason: IgnoreReason): Meaning => ({ ignore: reason });

/**
 * Codes whose meaning their description doesn't tell, or tells differently from version to version. All other codes (there are more than 400)
 * are understood by their description, see `meaning.ts`.
 *
 * @see CyberArk docs, "Vault audit action codes"
 */
export const CODES: Readonly<Record<string, Meaning>> = {
  '2': is('user_create'),
  '4': failed('logon'),
  '5': failed('logon'),
  '7': is('logon'),
  '8': is('logoff'),
  '19': is('gateway_logon'),
  '20': is('gateway_logon'),
  '22': is('secret_verify'),
  '23': failed('object_read'),
  '24': is('secret_change'),
  '31': is('secret_change'),
  '32': is('owner_add'),
  '33': is('owner_update'),
  '38': failed('secret_verify'),
  '50': is('object_create'),
  '51': is('object_read'),
  '57': failed('secret_change'),
  '60': failed('secret_change'),
  '106': is('object_update'),
  '125': ignore('continuation'),
  '130': failed('secret_disable'),
  '180': is('user_create'),
  '185': is('object_create'),
  '259': is('group_create'),
  '265': is('member_add'),
  '266': is('member_remove'),
  '294': is('secret_store'),
  '295': is('secret_retrieve'),
  '300': is('session_open'),
  '301': failed('session_open'),
  '302': is('session_close'),
  '303': failed('session_close'),
  '304': ignore('component_task'),
  '308': is('secret_use'),
  '309': failed('logon'),
  '316': ignore('continuation'),
  '317': is('user_password'),
  '319': is('secret_retrieve'),
  '344': is('command_start'),
  '346': is('command_end'),
  '359': is('session_command'),
  '360': failed('session_command'),
  '361': is('session_command'),
  '362': failed('session_command'),
  '378': is('session_open'),
  '380': is('session_close'),
  '385': is('object_update'),
  '411': is('session_window'),
  '412': is('session_command'),
  '414': is('secret_verify'),
  '427': is('secret_store'),
  '428': is('secret_retrieve'),
  '459': ignore('component_task'),
  '467': is('object_update'),
  '479': ignore('vault_health'),
};
