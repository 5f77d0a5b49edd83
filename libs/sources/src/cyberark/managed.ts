import { managedAccount } from '../account-name.js';
import type { AuditRecord } from './audit-record.js';

/** The vaulted account that a record is about. */
export interface ManagedObject {
  /** Name of the object in the safe, without its folder. */
  readonly object: string | undefined;
  /** `root@db1.example.com`; the object's name when the record doesn't say whose account it is. */
  readonly account: string | undefined;
  /** Login on the machine, as written. */
  readonly user: string | undefined;
  /** Machine, database server or directory that keeps the account, lower case. */
  readonly host: string | undefined;
}

/** Properties first, then what the session says, then the object's default name `<device type>-<platform>-<address>-<user>`. */
export function managedObjectOf(record: AuditRecord): ManagedObject {
  const object = objectName(record.file);
  const { properties, extra } = record;
  const named =
    properties['username'] === undefined && extra['user'] === undefined ? fromObjectName(object, properties['policyid']) : undefined;
  const user = properties['username'] ?? extra['user'] ?? extra['username'] ?? named?.user;
  const host = (properties['address'] ?? extra['address'] ?? extra['dsthost'] ?? named?.host)?.toLowerCase();
  const account = user === undefined ? object?.toLowerCase() : managedAccount(user, host);
  return { object, account, user, host };
}

function objectName(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const name = file.slice(Math.max(file.lastIndexOf('\\'), file.lastIndexOf('/')) + 1).trim();
  return name === '' ? undefined : name;
}

/** An address with a dot is the only part that can be told from a platform's name, which may hold hyphens itself. */
const DEFAULT_NAME = /^[^-]+-.*?-((?:[A-Za-z0-9][\w-]*\.)+[A-Za-z0-9-]*[A-Za-z0-9])-([^-].*)$/;

function fromObjectName(
  object: string | undefined,
  platform: string | undefined,
): { readonly user: string; readonly host: string } | undefined {
  if (object === undefined || object.length > 400) return undefined;
  const mark = platform === undefined ? -1 : object.indexOf(`-${platform}-`);
  const rest =
    platform !== undefined && mark >= 0 ? /^(.+?)-([^-]+)$/.exec(object.slice(mark + platform.length + 2)) : DEFAULT_NAME.exec(object);
  return rest?.[1] !== undefined && rest[2] !== undefined ? { host: rest[1], user: rest[2] } : undefined;
}
