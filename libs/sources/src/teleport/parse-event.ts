import {
  deterministicUid,
  eventUid,
  ignored,
  kept,
  rejected,
  type AccessEvent,
  type Authentication,
  type Outcome,
  type ParseResult,
} from '@keyward/events';
import { parseAddress, parseIp } from '../address.js';
import { parseInstant } from '../instant.js';
import { at, defined, firstText, flag, isObject, list, number, object, objects, text, type JsonObject } from '../json.js';
import { deviceOf } from '../user-agent.js';
import { classify } from './classify.js';
import { privilegeOf, requesterOf } from './grant.js';
import type { TeleportMapping } from './mapping.js';
import { actorOf, deviceIn, placeOf, takenAccount, targetOf } from './parties.js';

const MAX_TEXT = 1_000;
const MAX_COMMAND = 16_000;

/** One audit event of Teleport, in any of the shapes that `unwrap` gives. */
export function parseEvent(record: unknown): ParseResult {
  if (!isObject(record)) return rejected('not_an_object', 'an audit event is a JSON object');
  const event = text(record['event']);
  if (event === undefined) return rejected('unknown_shape', 'event: expected the name of an audit event');
  const time = parseInstant(record['time']);
  if (time === undefined) return rejected('bad_time', 'time: expected an RFC 3339 instant');
  const classified = classify(event);
  return 'ignored' in classified ? ignored(classified.ignored) : kept(eventOf(event, record, refined(record, classified.mapping), time));
}

/** Where the same name tells of different acts: the code, a direction, a state. */
function refined(record: JsonObject, mapping: TeleportMapping): TeleportMapping {
  const code = text(record['code']);
  // A headless sign-in that was asked for is none yet; one that was refused is a denied factor.
  if (code === 'T1012I')
    return { class: 'authentication', activity: 'preauth', auth: { step: 'second_factor', factorResult: 'challenged' } };
  if (code === 'T1014W') return { ...mapping, auth: { ...mapping.auth, factorResult: 'denied' } };
  const event = text(record['event']);
  if (mapping.class === 'user_access' && event === 'access_request.update' && text(record['state'])?.toUpperCase() === 'APPROVED')
    return { ...mapping, activity: 'assign_privileges' };
  if (event === 'scp' || event === 'file_transfer_request') {
    const download = text(record['action']) === 'download' || flag(record['download']) === true;
    return { class: 'api_activity', activity: download ? 'read' : 'create', resource: 'host' };
  }
  if (event === 'kube.request')
    return { class: 'api_activity', activity: KUBE_VERBS[text(record['verb'])?.toUpperCase() ?? ''] ?? 'other', resource: 'api' };
  return mapping;
}
const KUBE_VERBS: Readonly<Record<string, 'create' | 'read' | 'update' | 'delete'>> = {
  GET: 'read',
  HEAD: 'read',
  POST: 'create',
  PUT: 'update',
  PATCH: 'update',
  DELETE: 'delete',
};

/**
 * `success` false, a code that ends in `W` or `E` (warning, error), an error, an exit or HTTP status that says so. Teleport has events with
 * `success: true` and a code of failure: what speaks of failure wins.
 */
function outcomeOf(record: JsonObject): Outcome {
  if (flag(record['success']) === false || flag(at(record, 'status', 'success')) === false) return 'failure';
  if (/[EW]$/.test(text(record['code']) ?? '')) return 'failure';
  if (text(record['error']) !== undefined || text(record['exitError']) !== undefined) return 'failure';
  const http = number(record['status_code']) ?? number(record['response_code']);
  if (http !== undefined && http >= 400) return 'failure';
  const exit = number(record['exitCode']) ?? number(record['exit_code']) ?? number(record['return_code']);
  return exit !== undefined && exit !== 0 ? 'failure' : 'success';
}

function eventOf(event: string, record: JsonObject, mapping: TeleportMapping, time: number): AccessEvent {
  const nativeId = text(record['uid']) ?? deterministicUid(JSON.stringify(record));
  const outcome = outcomeOf(record);
  const done = outcome === 'success';
  const place = placeOf(record, mapping);
  const taken = takenAccount(record, place);
  const actor = actorOf(record);
  const target = targetOf(record, mapping, taken) ?? otherParty(event, record, mapping, actor?.name);
  const other = target && target.name === actor?.name ? undefined : target;
  const built: AccessEvent = {
    uid: eventUid('teleport', nativeId),
    nativeId,
    source: 'teleport',
    time,
    class: mapping.class,
    activity: mapping.activity,
    code: event,
    outcome,
    detail: firstText(record['error'], record['message'], record['exitError'], record['reason'], objectOf(record, mapping))
      ?.replace(/\s+/g, ' ')
      .slice(0, MAX_TEXT),
    actor,
    target: mapping.class === 'account_change' ? target : other,
    src: originOf(record),
    device: agentOf(record),
    session: sessionOf(record),
    auth: proofOf(record, mapping, done),
    resource: place && defined(place),
    privilege: done ? privilegeOf(event, record, mapping) : undefined,
    credential: done && mapping.credential && taken !== undefined ? { act: mapping.credential, account: taken } : undefined,
    command: commandOf(record, mapping),
    quantity: quantityOf(record),
  };
  return defined(built) ?? built;
}

/** What was copied, opened or reached from within a session. */
const objectOf = (record: JsonObject, mapping: TeleportMapping): string | undefined =>
  mapping.class === 'api_activity' ? firstText(record['file_path'], record['path'], record['dst_addr'], record['addr']) : undefined;

/** A certificate for somebody else than who asked for it; a decision about somebody's request. */
function otherParty(event: string, record: JsonObject, mapping: TeleportMapping, actor: string | undefined): AccessEvent['target'] {
  const name = mapping.gives === 'request' ? requesterOf(event, record) : text(at(record, 'identity', 'user'))?.toLowerCase();
  return name === undefined || actor === undefined || name === actor ? undefined : { system: 'teleport', name };
}

/** Forwarders write `addr.remote` flat, nested, or with an underscore. A desktop's own address stands there too: that is not where the person is. */
function originOf(record: JsonObject): AccessEvent['src'] {
  const written = firstText(record['addr.remote'], at(record, 'addr', 'remote'), record['addr_remote']);
  if (written !== undefined && written === text(record['desktop_addr'])) return undefined;
  const address = parseAddress(written);
  const ip = address && parseIp(address.ip);
  if (ip !== undefined && address) return address;
  const client = parseIp(at(record, 'identity', 'client_ip')) ?? parseIp(record['client_ip']) ?? parseIp(record['remote_ip']);
  return client === undefined ? undefined : { ip: client };
}

function agentOf(record: JsonObject): AccessEvent['device'] {
  const agent =
    text(record['user_agent']) ?? text(at(record, 'client', 'user_agent')) ?? text(list(at(record, 'headers', 'User-Agent'))[0]);
  const registered = deviceIn(record);
  if (agent === undefined) return registered;
  return { ...deviceOf(agent), ...registered };
}

function sessionOf(record: JsonObject): AccessEvent['session'] {
  const uid = text(record['sid']) ?? text(record['session_id']) ?? text(at(record, 'device', 'web_session_id'));
  return uid === undefined ? undefined : { uid, kind: text(record['sid']) === undefined ? 'sign_in' : 'privileged' };
}

const METHODS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    local: 'password',
    oidc: 'federated',
    saml: 'federated',
    github: 'federated',
    'client.cert': 'certificate',
    headless: 'push',
    headdless: 'push',
  }),
);
const FAILURES: readonly (readonly [RegExp, NonNullable<Authentication['failure']>])[] = [
  [/locked|too many/i, 'locked'],
  [/not found|no such user|unknown user/i, 'unknown_user'],
  [/expired/i, 'expired'],
  [/second factor|otp|webauthn|mfa|passkey|recovery code/i, 'bad_factor'],
  [/invalid (?:username|password|credential)|bad username/i, 'bad_password'],
  [/denied|principal|not allowed|no roles|max_|limit reached|did not match|permission/i, 'policy'],
];

function proofOf(record: JsonObject, mapping: TeleportMapping, done: boolean): AccessEvent['auth'] {
  if (mapping.class !== 'authentication' || mapping.activity === 'logoff') return undefined;
  const method = text(record['method']);
  const factor =
    text(at(record, 'mfa_device', 'mfa_device_uuid')) ?? text(record['with_mfa']) ?? text(at(record, 'identity', 'mfa_device_uuid'));
  const words = firstText(record['error'], record['message'], record['reason']) ?? '';
  return defined<Authentication>({
    ...mapping.auth,
    method: mapping.auth?.method ?? (method === undefined ? undefined : (METHODS.get(method) ?? method)),
    mfa: mapping.auth?.mfa ?? (factor === undefined ? undefined : true),
    protocol: text(record['proto']) ?? text(record['db_protocol']),
    application:
      mapping.resource === undefined ? firstText(record['service_provider_entity_id'], record['service_provider_shortcut']) : undefined,
    interactive: flag(record['interactive']),
    failure:
      done || mapping.activity === 'preauth'
        ? undefined
        : (failureOf(record, mapping) ?? FAILURES.find(([pattern]) => pattern.test(words))?.[1] ?? 'other'),
  });
}
/** "invalid username, password or second factor" is Teleport's word for any of the three: a password, until it says more. */
const failureOf = (record: JsonObject, mapping: TeleportMapping): Authentication['failure'] =>
  mapping.auth?.factorResult === 'denied'
    ? 'bad_factor'
    : /invalid username, password or second factor/i.test(text(record['error']) ?? '')
      ? 'bad_password'
      : undefined;

function commandOf(record: JsonObject, mapping: TeleportMapping): string | undefined {
  switch (mapping.command) {
    case 'program': {
      const program = firstText(record['path'], record['program']);
      const args = list(record['argv']).flatMap((one) => text(one) ?? []);
      return program === undefined ? undefined : [program, ...args].join(' ').slice(0, MAX_COMMAND);
    }
    case 'exec':
      return (text(record['command']) ?? gitCommand(record))?.slice(0, MAX_COMMAND);
    case 'query': {
      const batch = objects(record['children']).flatMap((one) => text(one['query']) ?? []);
      const first = firstText(
        record['db_query'],
        record['query'],
        batch.length > 0 ? batch.join('; ') : undefined,
        at(record, 'args', 'sql'),
      );
      return (first ?? firstText(list(record['parameters'])[0], record['proc_name'], record['procedure']))?.slice(0, MAX_COMMAND);
    }
    default:
      return undefined;
  }
}

/** `git.command` names the service that git runs and the repository: `git-upload-pack team/app`. */
function gitCommand(record: JsonObject): string | undefined {
  const service = text(record['service']);
  const repository = text(record['path']) ?? '';
  return service === undefined ? undefined : `${service} ${repository}`.trim();
}

/** Bytes: of a session, both ways; of a file or clipboard, its length. */
function quantityOf(record: JsonObject): number | undefined {
  const sent = number(record['tx']);
  const received = number(record['rx']);
  if (sent !== undefined || received !== undefined) return Math.max(0, (sent ?? 0) + (received ?? 0));
  const length = number(record['length']) ?? number(object(record)['len']);
  return length === undefined || length < 0 ? undefined : length;
}
