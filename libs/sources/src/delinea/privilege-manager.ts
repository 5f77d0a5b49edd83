import { deterministicUid, ignored, kept, rejected, type ParseResult } from '@keyward/events';
import { managedAccount } from '../account-name.js';
import { parseIp } from '../address.js';
import { parseInstant } from '../instant.js';
import { defined, firstText } from '../json.js';
import { vaultEvent, type ManagedAccount } from '../vault-event.js';
import type { VaultKind } from '../vault-kinds.js';
import { serverAccount, SYSTEM } from './server.js';

/** Privilege Manager and the solutions it consists of, which write in their own names. */
export const isPrivilegeManager = (product: string): boolean => /privilege ?manager|application control|local security/i.test(product);

/** Times of the server's own fields are American ones; the CEF key stands where a site mapped it. */
const TIMES = ['rt', 'EventOccuredOnServer', 'EventOccurredOnServer', 'EventReceivedByServer', 'FileFirstSeenByServer'];
/** What the server writes where it knows no name: `No computer name for user B0000002-...`. */
const NO_NAME = /^No (?:name|computer|\w+ (?:name|domain|hash)) /;

/** By the event's name; first match decides. A program runs, or does not, in all that no rule knows and that names one. */
const NAMES: readonly (readonly [RegExp, VaultKind])[] = [
  [/password disclos/i, 'secret_retrieve'],
  [/password (?:chang|rotat|reset)/i, 'secret_change'],
  [/group membership.*(?:add|grant)/i, 'member_add'],
  [/group membership.*(?:remov|revok)/i, 'member_remove'],
];
const CHANGES: readonly (readonly [RegExp, VaultKind])[] = [
  [/create|import|copy/i, 'object_create'],
  [/delete|remove/i, 'object_delete'],
  [/./, 'object_update'],
];

/** Privilege Manager: a program that was run, with more rights or not at all; a local password that was shown; a policy that was changed. */
export function parsePrivilegeManager(
  written: Readonly<Record<string, string>>,
  name: string,
  signature: string | undefined,
  headerTime: number | undefined,
  receivedAt: number | undefined,
): ParseResult {
  const extension: Record<string, string> = {};
  for (const [key, value] of Object.entries(written)) if (!NO_NAME.test(value)) extension[key] = value;
  if (
    /newly discovered file|file inventory/i.test(name) ||
    (extension['FileFirstSeenByServer'] !== undefined && extension['UserName'] === undefined)
  )
    return ignored('file_inventory');
  const own = TIMES.map((key) => parseInstant(extension[key], headerTime ?? receivedAt)).find((at) => at !== undefined);
  const time = own ?? headerTime ?? (TIMES.some((key) => written[key] !== undefined) ? undefined : receivedAt);
  if (time === undefined) return rejected('bad_time', 'rt, EventReceivedByServer: no readable time, and none in a syslog header');
  const command = firstText(extension['cmd'], extension['FilePath'], extension['filePath'], extension['sproc'], extension['fname']);
  const host = firstText(extension['dvchost'], extension['ComputerName'], extension['shost'], extension['dhost'])?.toLowerCase();
  const ip = parseIp(firstText(extension['src'], extension['RemoteIpAddress']));
  const isChange = /^ChangeHistory/i.test(`${signature ?? ''} ${name}`) || name === 'ChangeHistory';
  const kind =
    NAMES.find(([pattern]) => pattern.test(name))?.[1] ??
    (isChange ? CHANGES.find(([pattern]) => pattern.test(signature ?? ''))?.[1] : undefined) ??
    (command === undefined ? 'object_other' : 'command_start');
  const disclosedBy = extension['_DisclosedByUserId']?.split(' ', 1)[0];
  const item = firstText(extension['ItemName'], extension['PolicyName']);
  return kept(
    vaultEvent({
      source: SYSTEM,
      nativeId: firstText(extension['externalId'], extension['_id']) ?? deterministicUid(name, time, ...Object.entries(written).flat()),
      // Each kind of event counts from 1.
      idSpace: `${signature ?? name}/${String(time)}`,
      time,
      code: isChange && signature !== undefined ? signature : name,
      kind,
      failed: /den(?:y|ied)|block|fail/i.test(`${name} ${extension['act'] ?? ''} ${extension['outcome'] ?? ''}`),
      detail: firstText(extension['msg'], extension['UserReason'], extension['Changes'], extension['PolicyName'], name),
      actor: serverAccount(
        // The label is `Requesting User`, of which CEF takes the last word for the key.
        firstText(extension['suser'], extension['UserName'], extension['User'], extension['duser'], disclosedBy),
        firstText(extension['suid'], disclosedBy, extension['UserId']),
        undefined,
      ),
      src: defined({ ip, hostname: ip === undefined && kind === 'command_start' ? host : undefined }),
      managed: kind.startsWith('secret') ? managedOf(extension, host) : undefined,
      object:
        item !== undefined && isChange
          ? { kind: 'policy', name: item }
          : host === undefined
            ? { kind: 'other', name }
            : { kind: 'host', name: host, host },
      command: kind === 'command_start' ? command : undefined,
    }),
  );
}

/** The local account whose password was shown. */
function managedOf(extension: Readonly<Record<string, string>>, host: string | undefined): ManagedAccount | undefined {
  const user = extension['ManagedUserName'];
  return user === undefined ? undefined : { account: managedAccount(user, host), user, host, secretId: extension['_ManagedUserId'] };
}
