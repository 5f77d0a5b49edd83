import type { Secret } from '@keyward/runtime';
import { ForbiddenError, InvalidInputError, UnavailableError } from '@keyward/runtime';
import { Client, FilterParser, InvalidCredentialsError, NoSuchObjectError, ResultCodeError } from 'ldapts';
import { directoryRecords, type DirectoryRecords } from './directory-records.js';
import type { LdapConfig } from './ldap-config.js';
import { BINARY, entryOf, type LdapEntry } from './ldap-entry.js';
import { settingsOf, type Preset } from './presets.js';

export interface DirectorySecrets {
  readonly password: Secret;
  /** PEM; absent: the certificate authorities of the system. */
  readonly ca?: string;
}

/** What every entry is asked for, beside the attributes of the mapping. */
const USER_ATTRIBUTES = [
  'objectClass',
  'memberOf',
  'primaryGroupID',
  'adminCount',
  'createTimestamp',
  'whenCreated',
  'userAccountControl',
  'accountExpires',
  'pwdAccountLockedTime',
  'nsAccountLock',
  'loginDisabled',
  'shadowExpire',
];
const GROUP_ATTRIBUTES = ['cn', 'sAMAccountName', 'objectSid', 'member', 'uniqueMember', 'memberUid', 'memberOf'];

/**
 * Reads people and groups of a directory, page by page. Certificates are verified, always.
 *
 * @param onPage entries read so far
 * @throws ForbiddenError `ldap.credentials`; InvalidInputError `ldap.search` for a base or filter that the directory does not take; UnavailableError
 *   `ldap.unavailable`, `ldap.tls`
 */
export async function readDirectory(
  config: LdapConfig,
  secrets: DirectorySecrets,
  onPage: (entries: number) => void = () => undefined,
): Promise<DirectoryRecords & { readonly settings: Preset }> {
  const settings = settingsOf(config);
  for (const filter of [settings.users, settings.groups]) checkFilter(filter);
  const client = await connected(config, secrets);
  try {
    let read = 0;
    const search = async (base: string, filter: string, attributes: readonly string[]): Promise<LdapEntry[]> => {
      const entries: LdapEntry[] = [];
      for await (const page of client.searchPaginated(base, {
        scope: 'sub',
        filter,
        attributes: [...new Set(attributes)],
        explicitBufferAttributes: [...BINARY],
        paged: { pageSize: config.pageSize },
      })) {
        entries.push(...page.searchEntries.map(({ dn, ...values }) => entryOf(dn, values)));
        read += page.searchEntries.length;
        onPage(read);
      }
      return entries;
    };
    const wanted = [...USER_ATTRIBUTES, ...Object.values(settings.attributes).flat()];
    const users = await search(config.users.base ?? config.base, settings.users, wanted);
    const groups = await search(config.groups.base ?? config.base, settings.groups, GROUP_ATTRIBUTES);
    return { ...directoryRecords(users, groups, settings), settings };
  } catch (error) {
    throw translated(error);
  } finally {
    await client.unbind().catch(() => undefined); // it may have hung up already
  }
}

async function connected(config: LdapConfig, { password, ca }: DirectorySecrets): Promise<Client> {
  const tlsOptions = { minVersion: 'TLSv1.2' as const, rejectUnauthorized: true, ...(ca === undefined ? {} : { ca }) };
  const timeout = config.timeoutSeconds * 1_000;
  const client = new Client({
    url: config.url,
    timeout,
    connectTimeout: timeout,
    strictDN: false,
    ...(config.url.startsWith('ldaps:') ? { tlsOptions } : {}),
  });
  try {
    if (config.startTls) await client.startTLS({ ...tlsOptions, servername: new URL(config.url).hostname });
    await client.bind(config.bindDn, password.reveal());
    return client;
  } catch (error) {
    await client.unbind().catch(() => undefined);
    throw translated(error);
  }
}

function checkFilter(filter: string): void {
  try {
    FilterParser.parseString(filter);
  } catch (error) {
    throw new InvalidInputError('ldap.search', `The filter ${filter} can't be used.`, { cause: error });
  }
}

function translated(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const cause = { cause: error };
  if (error instanceof InvalidCredentialsError)
    return new ForbiddenError('ldap.credentials', 'The directory does not take the name and password.', cause);
  if (error instanceof NoSuchObjectError) return new InvalidInputError('ldap.search', 'The directory has no such base.', cause);
  if (error instanceof ResultCodeError) return new InvalidInputError('ldap.search', `The directory refuses: ${error.message}`, cause);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (/CERT|SSL|TLS|SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|ALTNAME/.test(code))
    return new UnavailableError(
      'ldap.tls',
      `The certificate of the directory can't be verified: ${error.message}. Name its authority with caFile.`,
      cause,
    );
  return new UnavailableError('ldap.unavailable', `The directory does not answer: ${error.message}`, cause);
}
