import { existsSync } from 'node:fs';
import { object, text, type JsonObject } from '../src/json.js';
import { sampleJson, samplePath } from './vendor-samples.js';

const CLASS_FILES: Readonly<Record<number, string>> = {
  3001: 'iam/account_change.json',
  3002: 'iam/authentication.json',
  3003: 'iam/authorize_session.json',
  3004: 'iam/entity_management.json',
  3005: 'iam/user_access.json',
  3006: 'iam/group_management.json',
  6003: 'api_activity.json',
};

/** Where the contract of `keyward parse` asks for more than the class has. */
const BEYOND_THE_CLASS = new Set(['user', 'src_endpoint']);

const load = (file: string): JsonObject => {
  const path = samplePath('ocsf/schema', file);
  return existsSync(path) ? object(sampleJson(path)) : {};
};

/** A structural check against the OCSF schema files: required attributes, at-least-one constraints, types, arrays, enum ids, unknown attributes. */
export class OcsfSchema {
  readonly #dictionary = object(load('dictionary.json')['attributes']);
  readonly #files = new Map<string, JsonObject>();

  /** @returns what is wrong, one line each */
  check(event: JsonObject): readonly string[] {
    const file = CLASS_FILES[Number(event['class_uid'])];
    if (file === undefined)
      return this.#checkObject('process_activity', event, ['base_event.json'], ['actor', 'device', 'process', 'user']);
    return this.#checkObject(
      file,
      event,
      file.startsWith('iam/') ? ['base_event.json', 'iam/iam.json', file] : ['base_event.json', file],
      [],
    );
  }

  #load(file: string): JsonObject {
    const known = this.#files.get(file) ?? load(file);
    this.#files.set(file, known);
    return known;
  }

  #checkObject(path: string, value: JsonObject, files: readonly string[], more: readonly string[]): readonly string[] {
    const attributes: Record<string, JsonObject> = {};
    for (const file of files) {
      for (const [name, attribute] of Object.entries(object(this.#load(file)['attributes']))) {
        // A class narrows what its base says: a requirement or an enum of either holds.
        attributes[name] = { ...attributes[name], ...object(attribute) };
      }
    }
    const isWhole = files.some((file) => Object.keys(this.#load(file)).length > 0);
    const problems: string[] = [];
    for (const [name, attribute] of Object.entries(attributes)) {
      if (attribute['requirement'] === 'required' && attribute['profile'] === undefined && value[name] === undefined)
        problems.push(`${path}: ${name} is required`);
    }
    for (const file of files) {
      const oneOf = object(this.#load(file)['constraints'])['at_least_one'];
      if (Array.isArray(oneOf) && !oneOf.some((name) => value[String(name)] !== undefined))
        problems.push(`${path}: none of ${oneOf.join(', ')}`);
    }
    for (const [name, member] of Object.entries(value)) {
      const known = this.#dictionary[name];
      const allowed =
        name in attributes ||
        more.includes(name) ||
        BEYOND_THE_CLASS.has(name) ||
        !isWhole ||
        name === 'hostname' ||
        name === 'ip' ||
        name === 'location' ||
        name === 'name' ||
        name === 'uid';
      if (known === undefined || !allowed) problems.push(`${path}: ${name} is no attribute`);
      else problems.push(...this.#checkMember(`${path}.${name}`, member, object(known), object(attributes[name])));
    }
    return problems;
  }

  #checkMember(path: string, value: unknown, known: JsonObject, attribute: JsonObject): readonly string[] {
    if (known['is_array'] === true) {
      return Array.isArray(value)
        ? value.flatMap((one: unknown) => this.#checkMember(path, one, { ...known, is_array: false }, attribute))
        : [`${path} is no list`];
    }
    const enumeration = { ...object(known['enum']), ...object(attribute['enum']) };
    if (
      Object.keys(enumeration).length > 0 &&
      path.endsWith('_id') &&
      !path.startsWith('process_activity.activity_id') &&
      !Object.hasOwn(enumeration, String(value))
    )
      return [`${path}: ${String(value)} is not in the enum`];
    const type = text(known['type']) ?? '';
    switch (type) {
      case 'integer_t':
      case 'long_t':
      case 'timestamp_t':
      case 'port_t':
        return Number.isInteger(value) ? [] : [`${path} is no integer`];
      case 'float_t':
        return typeof value === 'number' ? [] : [`${path} is no number`];
      case 'boolean_t':
        return typeof value === 'boolean' ? [] : [`${path} is no boolean`];
      case 'object':
      case 'json_t':
        return [];
      case 'email_t':
        return typeof value === 'string' && /^\S+@\S+$/.test(value) ? [] : [`${path} is no e-mail address`];
      case 'ip_t':
        return typeof value === 'string' && /^[0-9a-f.:]+$/.test(value) ? [] : [`${path} is no address`];
      default:
        if (type.endsWith('_t')) return typeof value === 'string' ? [] : [`${path} is no text`];
        return typeof value === 'object' && value !== null
          ? this.#checkObject(path, object(value), [`objects/${type}.json`], [])
          : [`${path} is no object`];
    }
  }
}
