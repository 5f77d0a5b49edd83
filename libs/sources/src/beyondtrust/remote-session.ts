import {
  deterministicUid,
  ignored,
  kept,
  rejected,
  type Account,
  type Authentication,
  type Endpoint,
  type ParseResult,
  type Resource,
} from '@keyward/events';
import { accountName } from '../account-name.js';
import { parseAddress, parseIp } from '../address.js';
import { parseInstant } from '../instant.js';
import { at, defined, firstText, isObject, list, object, objects, text, type JsonObject } from '../json.js';
import { vaultEvent, type ManagedAccount, type VaultAct } from '../vault-event.js';
import { VAULT_KINDS, type VaultKind, type VaultMapping } from '../vault-kinds.js';
import { SYSTEM } from './insight.js';
import { remoteKind } from './remote-events.js';
import { account } from './target.js';

/** What says nothing about access: talk, and where the mouse was. */
const TALK = /chat|mouse|clipboard text|exit survey|display name|canned|whiteboard/i;

/** First match decides. `event_type` of session, team and vault reports. */
const TYPES: readonly (readonly [RegExp, VaultKind])[] = [
  [/approv.*(?:request|sent)|request.*approv(?!ed)|access request(?:ed)?$/i, 'request_create'],
  [/(?:approv|request).*(?:granted|approved)|^approved/i, 'request_approve'],
  [/(?:approv|request).*(?:denied|rejected|timed)|^denied/i, 'request_deny'],
  [/check(?:ed)?[ -]?out/i, 'secret_retrieve'],
  [/check(?:ed)?[ -]?in\b/i, 'secret_check_in'],
  [/inject|credential.*(?:used|use\b)|credentials? applied|run ?as/i, 'secret_use'],
  [/(?:password|key|credential|secret).*(?:chang|rotat|reset|updat|generat)|rotat/i, 'secret_change'],
  [/account.*(?:creat|add|import)/i, 'managed_create'],
  [/account.*(?:delet|remov)/i, 'managed_delete'],
  [/account.*(?:edit|updat|modif|chang)/i, 'managed_update'],
  [/^(?:support |access |presentation )?session start|session began/i, 'session_open'],
  [/^(?:support |access |presentation )?session (?:end|terminat|clos)/i, 'session_close'],
  [/(?:member|representative|rep|customer|user) (?:added|joined|entered)|logged in/i, 'session_join'],
  [/(?:member|representative|rep|customer|user) (?:departed|left|removed|disconnected)|logged out/i, 'session_leave'],
  [/^conference|owner|transfer(?:red)?$|invit|permission|privilege|elevat|screen ?shar|control|jump|tunnel|callback|pin/i, 'session_other'],
  [/shell.*(?:event|text|command|input)|special action|command|script|registry|process|service/i, 'command_start'],
  [/shell.*(?:end|stop|clos)/i, 'command_end'],
  [/shell/i, 'command_start'],
  [/window|application|foreground/i, 'window_open'],
  [/(?:file|director).*(?:delet|remov)/i, 'object_delete'],
  [/(?:file|director).*(?:move|renam)/i, 'object_move'],
  [/(?:file|director).*(?:upload|creat)/i, 'object_create'],
  [/(?:file|director|folder)/i, 'object_read'],
];

/** @returns true for an event of a session, team or vault report as JSON, and for an outbound event (webhook) */
export const isRemoteEvent = (value: JsonObject): boolean =>
  text(value['event_type']) !== undefined ||
  (text(value['event']) !== undefined &&
    (value['lsid'] !== undefined || value['appliance_id'] !== undefined || value['who'] !== undefined));

/** One event of a report as JSON, as shippers flatten the vendor's XML. */
export function parseSessionEvent(value: JsonObject): ParseResult {
  const type = text(value['event_type']);
  if (type === undefined) return rejected('schema_mismatch', 'event_type: expected the name of the event');
  if (TALK.test(type)) return ignored('session_detail');
  const time =
    parseInstant(value['timestamp']) ?? parseInstant(at(value, 'timestamp', 'timestamp')) ?? parseInstant(value['when_occurred']);
  if (time === undefined) return rejected('bad_time', 'timestamp: no readable time');
  const data = membersOf(value['data']);
  const failed = /fail|denied by|error/i.test(type) || data['failure_reason'] !== undefined;
  const found = TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? 'session_other';
  const { about }: VaultMapping = VAULT_KINDS[found];
  const session = object(value['session']);
  const lsid = firstText(value['session_id'], session['lsid'], value['lsid'], session['session_id']);
  const primary =
    about === 'session' ? (partyOf(primaryRep(value)) ?? partyOf(value['primary_rep']) ?? partyOf(session['primary_rep'])) : undefined;
  const actor = partyOf(value['performed_by']) ?? primary;
  const managed = managedOf(value, data, about, session);
  return kept(
    vaultEvent({
      source: SYSTEM,
      nativeId: idOf(value),
      time,
      code: type,
      kind: found,
      failed,
      detail: firstText(value['body'], data['failure_reason'], typeof value['data'] === 'string' ? value['data'] : undefined) ?? type,
      actor,
      src: sourceOf(value, data),
      session: lsid === undefined ? undefined : { uid: lsid, kind: 'privileged' },
      auth: about === 'session' ? defined<Authentication>({ step: 'session', application: 'Privileged Remote Access' }) : undefined,
      managed,
      object: objectOf(value, data, about, session),
      request: requestOf(data),
      command: found === 'command_start' || found === 'window_open' ? commandOf(data) : undefined,
      ticket: firstText(data['ticket_id'], data['ticket']),
    }),
  );
}

/** An outbound event: `support_conference_begin`, `access_session_end`, `conference_member_added`, with the fields of its POST. */
export function parseOutbound(value: JsonObject): ParseResult {
  const event = text(value['event']);
  if (event === undefined) return rejected('schema_mismatch', 'event: expected the name of the event');
  const time = parseInstant(value['timestamp']) ?? parseInstant(value['when']);
  if (time === undefined) return rejected('bad_time', 'timestamp: no readable time');
  const lsid = firstText(value['lsid'], value['session_id']);
  const login = accountName(
    firstText(value['rep_username'], value['username'], value['member_username'], value['rep_private_name'], value['member_name']),
  );
  const host = firstText(
    value['customer_hostname'],
    value['hostname'],
    value['computer_name'],
    value['jump_item_name'],
    value['customer_name'],
  );
  return kept(
    vaultEvent({
      source: SYSTEM,
      nativeId: idOf(value),
      time,
      code: event,
      kind: remoteKind(event.replace(/_(?:begin|began)$/, '_start').replace('conference_start', 'conference_begin')),
      failed: false,
      actor: login === undefined ? undefined : { system: SYSTEM, name: login },
      session: lsid === undefined ? undefined : { uid: lsid, kind: 'privileged' },
      object: host === undefined ? undefined : { kind: 'host', name: host, host: host.toLowerCase() },
      ticket: text(value['external_key']),
    }),
  );
}

const idOf = (value: JsonObject): string => firstText(value['event_id'], value['uuid']) ?? deterministicUid(JSON.stringify(value));

/** `data` is an object, `{value: [{name, value}]}` as XML became JSON, or a text. */
function membersOf(value: unknown): Readonly<Record<string, string>> {
  const members: Record<string, string> = {};
  if (!isObject(value)) return members;
  const pairs = value['value'];
  for (const pair of isObject(pairs) ? [pairs] : objects(pairs)) {
    const name = text(pair['name']);
    const found = firstText(pair['value'], pair['#text']);
    if (name !== undefined && found !== undefined) members[name] = found;
  }
  for (const [key, member] of Object.entries(value)) {
    const found = text(member);
    if (found !== undefined) members[key] = found;
  }
  return members;
}

/** The representative who acted; the system and the customer's side are nobody's account. */
function partyOf(value: unknown): Account | undefined {
  if (typeof value === 'string') return partyOf({ name: value });
  if (!isObject(value)) return undefined;
  const kind = text(value['type'])?.toLowerCase();
  const written = firstText(value['username'], value['name'], value['#text'], value['display_name']);
  const login = accountName(written);
  if (login === undefined || kind === 'customer' || parseIp(login) !== undefined) return undefined;
  const display = firstText(value['display_name'], value['name'], value['#text']);
  return defined({
    system: SYSTEM,
    name: login,
    id: firstText(value['id'], value['user_id']),
    displayName: display === written ? undefined : display,
    kind: kind === 'system' ? ('system' as const) : kind === 'api' || kind === 'api account' ? ('service' as const) : undefined,
  });
}

/** Lists name the people of a session, and `primary_rep` by number the one whose session it is. */
function primaryRep(value: JsonObject): JsonObject | undefined {
  const primary = text(at(value, 'primary_rep', 'gsnumber'));
  const reps = objects(value['rep_list']);
  return primary === undefined ? (reps.length === 1 ? reps[0] : undefined) : reps.find((one) => text(one['gsnumber']) === primary);
}

/** Where the representative sat. A member's own address stands in `data`, that of who acted in `performed_by` or in the list of representatives. */
function sourceOf(value: JsonObject, data: Readonly<Record<string, string>>): Endpoint | undefined {
  const by = object(value['performed_by']);
  const rep = primaryRep(value);
  const address =
    parseAddress(by['public_ip']) ??
    parseAddress(by['private_ip']) ??
    (text(by['type']) === 'customer' ? undefined : (parseAddress(data['public_ip']) ?? parseAddress(data['private_ip']))) ??
    parseAddress(rep?.['public_ip']) ??
    parseAddress(by['name']);
  const hostname = firstText(by['hostname'], text(by['type']) === 'customer' ? undefined : data['hostname']);
  return defined<Endpoint>({ ip: address?.ip, port: address?.port, hostname: hostname?.toLowerCase() });
}

function managedOf(
  value: JsonObject,
  data: Readonly<Record<string, string>>,
  about: VaultMapping['about'],
  session: JsonObject,
): ManagedAccount | undefined {
  if (about === 'session') return undefined;
  const own = object(value['account']);
  const name = firstText(
    own['username'],
    own['name'],
    data['account_name'],
    data['credential_name'],
    data['username'],
    value['account_name'],
  );
  const host = firstText(own['endpoint'], own['domain'], data['endpoint'], data['hostname'], at(session, 'primary_customer', '#text'));
  const id = firstText(value['account_id'], own['id'], data['account_id']);
  return (
    account(name, host, undefined, id) ?? (id === undefined ? undefined : { account: `account#${id}`, name: `account#${id}`, secretId: id })
  );
}

function objectOf(
  value: JsonObject,
  data: Readonly<Record<string, string>>,
  about: VaultMapping['about'],
  session: JsonObject,
): Resource | undefined {
  if (about === 'object') {
    const path = firstText(
      data['path'],
      data['filename'],
      data['key_name'],
      at(list(at(value, 'files', 'file'))[0], 'filename'),
      value['filename'],
    );
    return { kind: 'other', name: path ?? text(value['event_type']) ?? 'file' };
  }
  const primary = text(at(value, 'primary_customer', 'gsnumber'));
  const customer = objects(value['customer_list']).find((one) => text(one['gsnumber']) === primary) ?? objects(value['customer_list'])[0];
  const host = firstText(
    customer?.['hostname'],
    customer?.['name'],
    data['jump_item_name'],
    at(session, 'primary_customer', '#text'),
    at(value, 'primary_customer', '#text'),
    text(at(value, 'performed_by', 'type')) === 'customer' ? at(value, 'performed_by', 'name') : undefined,
    text(at(value, 'destination', 'type')) === 'representative'
      ? undefined
      : firstText(at(value, 'destination', 'hostname'), at(value, 'destination', 'name')),
  );
  if (host !== undefined) return { kind: 'host', name: host, host: host.toLowerCase() };
  const group = firstText(
    at(value, 'jump_group', 'name'),
    at(value, 'jump_group', '#text'),
    at(session, 'jump_group', '#text'),
    at(value, 'team', 'name'),
  );
  return group === undefined ? undefined : { kind: 'group', name: group };
}

function requestOf(data: Readonly<Record<string, string>>): VaultAct['request'] {
  const person = (written: string | undefined): string | undefined =>
    accountName(/\(([^()]{1,200})\)$/.exec(written ?? '')?.[1] ?? written);
  return {
    id: data['request_id'],
    requester: person(data['requesting_user']),
    approver: person(firstText(data['approver_name'], data['request_approver'])),
    startsAt: parseInstant(data['request_start_time']),
    justification: data['request_reason'],
  };
}

const commandOf = (data: Readonly<Record<string, string>>): string | undefined => {
  const program = firstText(data['exeName'], data['windowName']);
  return firstText(
    data['text'],
    data['command'],
    data['action_name'],
    [data['exeName'], data['windowName']].filter(Boolean).join(', '),
    program,
  );
};
