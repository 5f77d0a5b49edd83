import type { Resource } from '@keyward/events';
import type { ActivityOf } from '../ocsf-export/activities.js';
import { ACCESS_TYPES } from './access-types.js';
import { access, account, api, authentication, authorize, entity, group, type OktaIgnored, type OktaMapping } from './mapping.js';
import { SIGN_IN_TYPES } from './sign-in-types.js';
import { pushedGroup, UPKEEP_TYPES } from './upkeep-types.js';

export type Classified = { readonly mapping: OktaMapping } | { readonly ignored: OktaIgnored };

/** A name with one of these words speaks of access and is never ignored, whatever the rules below say. */
const ACCESS_WORDS = /login|logout|session|mfa|grant|role|group|account|factor|token|password|credential|privilege|secret/i;

/** Families that say nothing about who may do what, or did. */
const IGNORED: readonly (readonly [RegExp, OktaIgnored])[] = [
  [/rate_limit|concurrency|\.ratelimit|admin_limit_exceeded|rate-limit/, 'rate_limit'],
  [
    /^system\.(?:sms|voice|email)\.(?!send_factor|template|bounce)|^system\.(?:sms|voice)\.receive_status|^device\.custom_push|^app\.request_new\.notify/,
    'message_delivery',
  ],
  [/^system\.email\.bounce/, 'message_delivery'],
  [
    /^system\.agent\.(?:ad|ldap|connector)\.(?:connect|disconnect|reconnect|start|upload_|read_|upgrade|invoke_dir|config_change|realtimesync|import_ou|write_ldap)/,
    'agent_health',
  ],
  [
    /^system\.agent\.auto_update|^system\.agent_pools|^app\.radius\.(?:agent|info)|^system\.iwa\.go_|^device\.signals\.status|^app\.rum\./,
    'agent_health',
  ],
  [
    /^system\.(?:brand|theme|custom_signin|custom_signout|custom_error|captcha|well_known_uri|email\.template|email_domain|custom_url_domain)\b/,
    'appearance',
  ],
  [/^application\.configuration\.(?:update_logo|reset_logo)|^application\.cache|^plugin\./, 'appearance'],
  [
    /^system\.import\.(?!user\.|group\.|entitlement|custom_object|import_provisioning)|^system\.import\.user\.(?:start|complete)/,
    'sync_progress',
  ],
  [
    /^app\.office365\.(?:api\.sync|dirsync|clientplatform|service\.principal\.cleanup|api\.error\.(?:sync|download|endpoint|no\.endpoints|get\.))/,
    'sync_progress',
  ],
  [
    /^app\.app_instance\.provision_sync_job|^directory\.mapping|\.user_match(?:ing)?\.|^application\.provision\.(?:field_mapping|integration\.call_api)|^app\.user_management\.import\.csv/,
    'sync_progress',
  ],
  [
    /^core\.el\.evaluate|^inline_hook\.(?:executed|response)|^event_hook\.(?:delivery|verified)|^inline_hook\.verified|^workflows\.user\.(?:table|folder|delegatedflow|flow\.(?:move|save|execution))|^task\.lifecycle|^system\.org\.task|^policy\.scheduled\.execute|^mim\.command/,
    'background_job',
  ],
];

/** What an object is, by the beginning of the name; first match wins. */
const RESOURCES: readonly (readonly [RegExp, Resource['kind']])[] = [
  [
    /^(?:policy|zone|network_zone|security\.(?:zone|behavior|trusted_origin|device|voice|threat|attack(?:_protection)?|authenticator)|iam\.policy|pam\.(?:security_policy|entitlement_sudo|sudo_command_bundle|client_enrollment_policies|project_group_selector)|access\.request|app\.policy|application\.(?:policy|registration_policy)|device\.assurance|certification)\b/,
    'policy',
  ],
  [/^(?:group|pam\.group|application\.provision\.group|system\.import\.group|directory\.external)\b|usergroup|user_group/, 'group'],
  [/^(?:iam|workflows\.user\.role)\b/, 'role'],
  [/^(?:pam\.secret)/, 'secret'],
  [/^(?:pam\.(?:server|gateway|unmanaged_server|service)\b)/, 'host'],
  [
    /^(?:system\.api_token|oauth2|app\.oauth2|pam\.apikey|system\.idp|system\.log_stream|workflows\.user\.connection|integration|event_hook|inline_hook|system\.hook|app\.keys|pki|security\.events)\b/,
    'api',
  ],
  [/^(?:device|mim|plugin)\b/, 'device'],
  [/^(?:app|application|app\.oauth2)\b/, 'application'],
  [
    /^(?:user|pam\.(?:user|service_account|server_account)|system\.import\.user|directory\.user|scheduled_action|credential|account)\b/,
    'account',
  ],
];

/** Words of a name and the entity activity they mean; the last known word of the name decides. */
const WORDS: Readonly<Partial<Record<ActivityOf<'entity_management'>, string>>> = {
  create: 'create created add generate generated issue authorize launch open publish request clone initiate upsert bulk_upsert import',
  read: 'read view download export query query_executed search evaluate read_client_secret api_query list',
  update:
    'update updated change changed set reset rotate renew rollover edit overwrite decide remediate assign reassign sync push trigger upload make',
  delete: 'delete deleted remove removed revoke bulk_delete close deprovision',
  enroll: 'enroll register bind createEnrollment',
  unenroll: 'unenroll',
  enable: 'enable enabled',
  disable: 'disable disabled',
  activate: 'activate activated reactivate',
  deactivate: 'deactivate deactivated invalidate',
  suspend: 'suspend hold',
  resume: 'unsuspend resume restore',
};
const ENTITY_ACTIVITIES: readonly ActivityOf<'entity_management'>[] = [
  'create',
  'read',
  'update',
  'delete',
  'enroll',
  'unenroll',
  'enable',
  'disable',
  'activate',
  'deactivate',
  'suspend',
  'resume',
];
const VERBS = new Map<string, ActivityOf<'entity_management'>>();
for (const activity of ENTITY_ACTIVITIES) for (const word of WORDS[activity]?.split(' ') ?? []) VERBS.set(word, activity);

/** Token traffic of an OAuth client: a grant is a token given, an authorize step the code before it. */
function oauth(type: string): OktaMapping | undefined {
  if (!type.startsWith('app.oauth2.')) return undefined;
  if (/\.token\.grant\b/.test(type))
    return authentication('authentication_ticket', { auth: { step: 'session', method: 'token' }, resource: 'application' });
  if (/\.token\.revoke\b/.test(type)) return authentication('logoff', { resource: 'application' });
  if (/\.authorize\b/.test(type)) {
    return type.endsWith('scope_denied')
      ? authorize('assign_privileges', { resource: 'application', outcome: 'failure' })
      : authentication('preauth', { resource: 'application' });
  }
  if (/\.interact\b/.test(type)) return authentication('preauth', { resource: 'application' });
  if (/consent\.grant$/.test(type)) return access('assign_privileges', { resource: 'application' });
  if (/consent\.revoke\b/.test(type)) return access('revoke_privileges', { resource: 'application' });
  if (/scope_denied$/.test(type)) return authorize('assign_privileges', { resource: 'application', outcome: 'failure' });
  return undefined;
}

/** Accounts that an application or a directory pushes, pulls or matches. */
function provisioning(type: string): OktaMapping | undefined {
  const user =
    /^(?:application\.provision\.user|system\.import\.user|app\.realtimesync\.import\.details|pam\.user|pam\.service_account)\.(\w+)$/.exec(
      type,
    )?.[1];
  if (user === undefined) return undefined;
  if (/^(?:create|push|add_user)$/.test(user)) return account('create', { resource: 'account' });
  if (/^(?:activate|reactivate|unsuspend|unsuspend_after_confirm)$/.test(user)) return account('enable', { resource: 'account' });
  if (/^(?:deactivate|deprovision|suspend)$/.test(user)) return account('disable', { resource: 'account' });
  if (/^(?:delete|delete_user|remove)$/.test(user)) return account('delete', { resource: 'account' });
  if (/password/.test(user)) return account('password_change', { resource: 'account' });
  return undefined;
}

function groupLifecycle(type: string): OktaMapping | undefined {
  if (!/^(?:group\.|application\.provision\.group\b|system\.import\.group\.|pam\.group\.)/.test(type)) return undefined;
  const verb = /\.(?:start|complete)$|\.rule\./.test(type) ? 'update' : verbOf(type);
  const activity = verb === 'create' || verb === 'delete' ? verb : 'update';
  return group(activity, { resource: 'group' });
}

/** The last dotted segment that is a verb, or holds one (`rule.add_exclusion`, `appgroup.delete_success`). */
function verbOf(type: string): ActivityOf<'entity_management'> | undefined {
  for (const segment of type.split('.').reverse()) {
    const whole = VERBS.get(segment);
    if (whole) return whole;
    for (const word of segment.split('_').reverse()) {
      const part = VERBS.get(word);
      if (part) return part;
    }
  }
  return undefined;
}

const resourceOf = (type: string): Resource['kind'] => RESOURCES.find(([pattern]) => pattern.test(type))?.[1] ?? 'other';

const EXACT: ReadonlyMap<string, OktaMapping> = new Map([
  ...Object.entries(UPKEEP_TYPES),
  ...Object.entries(SIGN_IN_TYPES),
  ...Object.entries(ACCESS_TYPES),
]);

function classifyAnew(type: string): Classified {
  const exact = EXACT.get(type);
  const known = exact ?? oauth(type) ?? provisioning(type) ?? pushedGroup(type) ?? groupLifecycle(type);
  if (known) return { mapping: known };
  if (!ACCESS_WORDS.test(type)) {
    const reason = IGNORED.find(([pattern]) => pattern.test(type))?.[1];
    if (reason) return { ignored: reason };
  }
  const resource = resourceOf(type);
  const verb = verbOf(type);
  return {
    mapping: verb ? entity(verb, { resource }) : api('other', { resource }),
  };
}

/** Okta names about a thousand types and adds some each month; a sender who invents names must not grow this for ever. */
const REMEMBERED = 4_000;
const remembered = new Map<string, Classified>();

/**
 * What a System Log `eventType` means. First the table of the types that matter, then rules over the dotted name; a type unknown to both is kept
 * as entity management (when its name has a verb) or API activity, never dropped. Pure: it remembers its answers.
 */
export function classify(type: string): Classified {
  const known = remembered.get(type);
  if (known) return known;
  const answer = classifyAnew(type);
  if (remembered.size < REMEMBERED) remembered.set(type, answer);
  return answer;
}
