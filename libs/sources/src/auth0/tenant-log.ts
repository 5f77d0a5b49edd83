import type { Account } from '@keyward/events';
import { accountName } from '../account-name.js';
import { unfolded } from '../custom-log.js';
import { at, firstText, isObject, object, text, type JsonObject } from '../json.js';

/** The parts of a tenant log that several readers need, taken out once. */
export interface TenantLog {
  readonly type: string;
  readonly record: JsonObject;
  readonly details: JsonObject;
  /** Of a Management API call: `details.request`. */
  readonly request: JsonObject;
  readonly body: JsonObject;
}

/** @returns undefined when it is no tenant log: none without a `type` */
export function tenantLog(record: JsonObject): TenantLog | undefined {
  const type = text(record['type']);
  if (type === undefined || typeof record['type'] !== 'string') return undefined;
  const details = detailsOf(record);
  const request = object(details['request']);
  const ownBody = object(details['body']);
  return { type, record, details, request, body: isObject(request['body']) ? request['body'] : ownBody };
}

/** Tables have no objects: `details_request_path`, also with dots. */
function detailsOf(record: JsonObject): JsonObject {
  if (record['details'] !== undefined) return object(opened(record['details']));
  const columns = Object.keys(record).filter((key) => /^details[._]./.test(key));
  return unfolded(columns.map((key) => [key.slice('details.'.length), record[key]]));
}

/** Rows hold objects as JSON in text. */
function opened(value: unknown): unknown {
  if (typeof value !== 'string' || !value.startsWith('{')) return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}

/** `auth0|5f…`, `google-oauth2|1…`, `samlp|corp|anna`: connection and the id in it. `…@clients` is a machine. */
const MACHINE = /@clients$/;

/** @param names in order of preference; the first that is a name becomes `name` */
export function person(id: string | undefined, ...names: readonly unknown[]): Account | undefined {
  for (const candidate of [...names, id]) {
    const name = accountName(candidate);
    if (name === undefined) continue;
    const machine = MACHINE.test(name) || (id !== undefined && MACHINE.test(id));
    return {
      system: 'auth0',
      name,
      ...(id && { id }),
      ...(name.includes('@') && !machine && { email: name }),
      kind: machine ? 'service' : 'human',
    };
  }
  return undefined;
}

/** An application acting for itself, by its name. */
export function client(id: string | undefined, name: string | undefined): Account | undefined {
  const login = accountName(name) ?? accountName(id);
  if (login === undefined) return undefined;
  return { system: 'auth0', name: login, ...(id && { id }), ...(name && { displayName: name }), kind: 'service' };
}

/** Types in which an application signs in for itself, or a machine calls. */
const BY_CLIENT = /^[sf]eccft$|^[sf]scim$|^jwt_bearer|^api_/;

/** Who acted: for logs of sign-in the user who tried, for the Management API the administrator or the application with the token. */
export function actorOf(log: TenantLog): Account | undefined {
  const { record, details, request, body } = log;
  const id = text(record['user_id']);
  const caller = object(at(request, 'auth', 'user'));
  const userName = text(record['user_name']);
  const clientId = text(record['client_id']);
  const clientName = text(record['client_name']);
  // `m2m1@clients` is application `m2m1`: one account, whether it signs in or calls.
  const machineId = id !== undefined && MACHINE.test(id) ? id.slice(0, -'@clients'.length) : undefined;
  if (machineId !== undefined) return client(machineId, machineId === clientId ? clientName : undefined);
  if (BY_CLIENT.test(log.type) && userName === undefined) {
    const machine = client(clientId, clientName);
    if (machine) return machine;
  }
  const callerId = text(caller['user_id']);
  const found =
    person(id ?? callerId, userName, caller['email'], caller['name'], record['email']) ??
    person(text(at(request, 'auth', 'subject')), undefined) ??
    person(
      undefined,
      firstText(body['email'], body['username'], body['phone_number'], body['login_hint']),
      at(details, 'invitation', 'invitee', 'email'),
      details['username'],
      details['email'],
      details['to'],
      lastPrompt(details)['user_name'],
      at(details, 'enrollment', 'user_id'),
      body['user_id'],
      at(details, 'query', 'email'),
      at(details, 'query', 'user_id'),
      details['user_id'],
    );
  return found ?? (isAdministration(log.type) ? client(clientId, clientName) : undefined);
}

export const isAdministration = (type: string): boolean => type === 'sapi' || type === 'fapi' || type === 'mgmt_api_read';

function lastPrompt(details: JsonObject): JsonObject {
  const prompts = details['prompts'];
  if (!Array.isArray(prompts)) return {};
  for (const prompt of prompts) if (isObject(prompt) && text(prompt['user_name']) !== undefined) return prompt;
  return {};
}
