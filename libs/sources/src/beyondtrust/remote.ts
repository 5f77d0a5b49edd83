import {
  deterministicUid,
  ignored,
  kept,
  rejected,
  type Account,
  type Authentication,
  type ParseResult,
  type Resource,
} from '@keyward/events';
import { accountName } from '../account-name.js';
import { parseIp } from '../address.js';
import { parseInstant } from '../instant.js';
import { defined, firstText, object, text, type JsonObject } from '../json.js';
import { vaultEvent } from '../vault-event.js';
import { VAULT_KINDS, type VaultKind, type VaultMapping } from '../vault-kinds.js';
import { SYSTEM } from './insight.js';
import { remoteKind } from './remote-events.js';
import { REMOTE_KEY } from './remote-syslog.js';
import { account } from './target.js';

/** One syslog message of Privileged Remote Access or Remote Support, taken apart into its fields. */
export function parseRemote(value: JsonObject, receivedAt?: number): ParseResult {
  if (value[REMOTE_KEY] === 'continuation') return ignored('continuation');
  const event = text(value['event']);
  if (event === undefined) return rejected('schema_mismatch', 'event: expected the name of the event');
  const time =
    parseInstant(value['when']) ?? parseInstant(object(value[REMOTE_KEY])['time'], receivedAt) ?? parseInstant(value['timestamp']);
  if (time === undefined) return rejected('bad_time', 'when: expected epoch seconds');
  const fields = textFields(value);
  const kind = sharpened(remoteKind(event), fields);
  const { about }: VaultMapping = VAULT_KINDS[kind];
  const who = whoIn(fields['who']);
  const ip = parseIp(fields['who_ip']);
  const status = fields['status']?.toLowerCase();
  const failed = status !== undefined && !/^(?:success|succeeded|ok|1)/.test(status) && /fail|denied|invalid|error|lock|^0$/.test(status);
  const lsid = firstText(fields['lsid'], fields['session_id']);
  return kept(
    vaultEvent({
      source: SYSTEM,
      nativeId: deterministicUid(...Object.entries(fields).toSorted(byKey).flat()),
      time,
      code: event,
      kind,
      failed: failed || /_fail(?:ed|ure)/.test(event),
      detail: firstText(fields['reason'], fields['target'], fields['description']) ?? event.replaceAll('_', ' '),
      actor: who?.account,
      src: ip === undefined ? undefined : { ip },
      session: lsid === undefined ? undefined : { uid: lsid, kind: 'privileged' },
      auth: about === 'login' ? authOf(fields, who?.method) : undefined,
      managed: managedOf(fields, about),
      user: userOf(fields, kind, who?.account),
      object: objectOf(fields, event, about),
    }),
  );
}

const byKey = (a: readonly [string, string], b: readonly [string, string]): number => (a[0] < b[0] ? -1 : 1);

function textFields(value: JsonObject): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [key, member] of Object.entries(value)) {
    const found = key === REMOTE_KEY ? undefined : text(member);
    if (found !== undefined) fields[key] = found;
  }
  return fields;
}

type Changes = Readonly<Record<string, string>>;

/** `user_changed` says by its old and new values what was changed: the account was disabled, its password was set. */
function sharpened(kind: VaultKind, fields: Changes): VaultKind {
  if (kind !== 'user_update') return kind;
  const disabled = fields['new_account:disabled'] ?? fields['new_disabled'];
  if (disabled === '1') return 'user_disable';
  if (disabled === '0') return 'user_enable';
  const enabled = fields['new_enabled'];
  if (enabled === '0') return 'user_disable';
  if (enabled === '1') return 'user_enable';
  if (/\*\*\*NEW\*\*\*/i.test(fields['new_password'] ?? fields['old_password'] ?? '')) return 'user_password_reset';
  const factor = fields['new_two_factor_auth:app'];
  if (factor !== undefined) return /not setup|none|removed/i.test(factor) ? 'user_factor_remove' : 'user_factor_add';
  return kind;
}

interface Who {
  readonly account: Account | undefined;
  readonly method: string | undefined;
}

/** `John Smith (jsmith) using saml`; `unknown (jsmith) using password` for a name that no account has. */
const WHO = /^(.{0,300}?) ?\((.{1,300})\)(?: using (.{1,60}))?$/s;

function whoIn(who: string | undefined): Who | undefined {
  if (who === undefined) return undefined;
  const found = WHO.exec(who);
  if (!found) {
    const login = accountName(who.replace(/ using .{1,60}$/, ''));
    const isSystem = login === 'system' || login === 'the system';
    return login === undefined || login === 'unknown'
      ? undefined
      : { account: isSystem ? { system: SYSTEM, name: 'system', kind: 'system' } : { system: SYSTEM, name: login }, method: undefined };
  }
  const [, display = '', login, method] = found;
  const name = accountName(login);
  const isApi = /^api (?:user|account)$/i.test(display.trim());
  return {
    account:
      name === undefined
        ? undefined
        : defined({
            system: SYSTEM,
            name,
            displayName: /^(?:unknown|)$/i.test(display.trim()) ? undefined : display.trim(),
            email: /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(name) ? name : undefined,
            kind: isApi ? ('service' as const) : undefined,
          }),
    method: method?.toLowerCase(),
  };
}

const METHODS: Readonly<Record<string, string>> = {
  saml: 'federated',
  oidc: 'federated',
  saml2: 'federated',
  scim: 'token',
  fido2: 'fido2',
};

function authOf(fields: Changes, method: string | undefined): Authentication | undefined {
  const reason = `${fields['reason'] ?? ''} ${fields['status'] ?? ''}`.toLowerCase();
  const failure = /lock/.test(reason)
    ? 'locked'
    : /disabled/.test(reason)
      ? 'disabled'
      : /expired/.test(reason)
        ? 'expired'
        : /two.?factor|code|otp/.test(reason)
          ? 'bad_factor'
          : /schedule|network|ip |not allowed|restrict|licen[sc]e/.test(reason)
            ? 'policy'
            : /password|credential/.test(reason)
              ? 'bad_password'
              : /unknown|no such/.test(reason)
                ? 'unknown_user'
                : undefined;
  return defined<Authentication>({
    application: fields['target'],
    method: method === undefined ? undefined : ((Object.hasOwn(METHODS, method) ? METHODS[method] : undefined) ?? method),
    interactive: fields['target'] === 'web/api' ? false : undefined,
    failure,
  });
}

/** New values first: they are what holds now. */
const named = (fields: Changes, ...names: readonly string[]): string | undefined => {
  for (const name of names) {
    const found = firstText(fields[`new_${name}`], fields[name], fields[`old_${name}`]);
    if (found !== undefined) return found;
  }
  return undefined;
};

function managedOf(fields: Changes, about: VaultMapping['about']): ReturnType<typeof account> {
  if (about !== 'secret' && about !== 'request') return undefined;
  const login = named(fields, 'username', 'account:username', 'account_name', 'name', 'account:name');
  const host = named(fields, 'endpoint', 'hostname', 'domain', 'endpoint:name', 'account:domain');
  return account(
    login,
    host,
    named(fields, 'group', 'account_group', 'account_group:name'),
    named(fields, 'account_id', 'id', 'account:id'),
  );
}

function userOf(fields: Changes, kind: VaultKind, actor: Account | undefined): Account | undefined {
  const { about }: VaultMapping = VAULT_KINDS[kind];
  if (about !== 'user' && about !== 'group' && about !== 'grant') return undefined;
  const own =
    about === 'user'
      ? ['username', 'user:username', 'email', 'account:email:address', 'name']
      : ['user:username', 'member:username', 'username', 'member:name', 'user:name'];
  const login = accountName(named(fields, ...own));
  const id = named(fields, 'user:id', 'user_id', ...(about === 'user' ? ['id'] : []));
  // A factor is named itself; its owner only by number, so it is the actor who is known.
  if (kind === 'user_factor_add' || kind === 'user_factor_remove' || kind === 'user_password' || (login === undefined && id === undefined))
    return actor;
  return defined({ system: SYSTEM, name: login ?? id ?? '', id });
}

function objectOf(fields: Changes, event: string, about: VaultMapping['about']): Resource | undefined {
  if (about === 'login' || about === 'user') return undefined;
  const group = [
    'group_policy:name',
    'team:name',
    'jump_group:name',
    'access_sponsor_group:name',
    'account_group:name',
    'policy:name',
    'group:name',
  ];
  const name =
    about === 'group' || about === 'grant'
      ? named(fields, ...group, 'jump_item_role:name', 'role:name', 'name', 'display_name', 'code_name')
      : (named(fields, 'name', 'display_name', 'code_name', 'common_name', 'ip') ?? namedThing(fields, event));
  const kind =
    about === 'group'
      ? 'group'
      : about === 'grant'
        ? 'role'
        : /policy/.test(event)
          ? 'policy'
          : /jump_item|jumpoint/.test(event)
            ? 'host'
            : 'other';
  return defined({
    kind,
    name: name ?? event.replace(/_(?:added|changed|removed)$/, ''),
    id: named(fields, 'id', 'group_policy:id', 'team:id'),
  } as const);
}

/** A thing is also named by its own key: `jumpoint:name` of `jumpoint_user_added`. */
function namedThing(fields: Changes, event: string): string | undefined {
  const key = Object.keys(fields).find((one) => one.endsWith(':name') && event.startsWith(one.slice(0, -':name'.length)));
  return key === undefined ? undefined : fields[key];
}
