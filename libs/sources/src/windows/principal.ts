import type { Account } from '@keyward/events';
import { accountName } from '../account-name.js';

/** Domains under which the machine itself works. */
const MACHINE_DOMAINS =
  /^(?:nt authority|nt-autorität|window manager|font driver host|nt virtual machine|autorite nt|nt service|iis apppool)$/;
const SERVICE_DOMAINS = /^(?:nt service|iis apppool)$/;
/** Local System, Local Service, Network Service, anonymous, window manager, font driver. */
const MACHINE_SIDS = /^s-1-5-(?:7|18|19|20|90-.*|96-.*)$/;
const MACHINE_NAMES = /^(?:system|local service|network service|anonymous logon|localsystem|umfd-\d+|dwm-\d+)$/;
const NO_SID = /^(?:s-1-0-0|null sid|-|s-1-0)$/i;

/** A computer's name without its domain, lower case. */
export const shortHost = (host: string): string =>
  (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) ? host : (host.split('.', 1)[0] ?? host)).toLowerCase();

/**
 * An account as Windows names it: `corp\anna` of a domain, `anna@db1` of a machine (its domain is the machine), a user principal name as it is.
 *
 * @param computer the machine that wrote the event
 */
export function windowsAccount(
  name: string | undefined,
  domain: string | undefined,
  sid: string | undefined,
  computer: string | undefined,
): Account | undefined {
  const written = accountName(name);
  const id = sid === undefined || NO_SID.test(sid) ? undefined : sid;
  if (written === undefined) return id === undefined ? undefined : bySid(id, computer);
  const slash = written.indexOf('\\');
  const realm = accountName(slash > 0 ? written.slice(0, slash) : domain);
  let user = slash > 0 ? written.slice(slash + 1) : written;
  const at = user.lastIndexOf('@');
  // Kerberos writes `anna@CORP.EXAMPLE.COM` beside that very realm.
  if (at > 0 && realm !== undefined && user.slice(at + 1) === realm) user = user.slice(0, at);
  if (user === '') return undefined;
  const host = computer === undefined ? undefined : shortHost(computer);
  const isMachine =
    user.endsWith('$') ||
    MACHINE_NAMES.test(user) ||
    (realm !== undefined && MACHINE_DOMAINS.test(realm)) ||
    MACHINE_SIDS.test(id?.toLowerCase() ?? '');
  const kind: Account['kind'] = realm !== undefined && SERVICE_DOMAINS.test(realm) ? 'service' : isMachine ? 'system' : undefined;
  const account = { system: 'windows', name: loginOf(user, realm, host, isMachine), ...(id !== undefined && { id }) };
  return kind === undefined ? account : { ...account, kind };
}

function loginOf(user: string, realm: string | undefined, host: string | undefined, isMachine: boolean): string {
  if (user.includes('@')) return user;
  const isLocal =
    realm === undefined
      ? isMachine && !user.endsWith('$')
      : realm === '.' || realm === host || realm === 'builtin' || MACHINE_DOMAINS.test(realm);
  if (isLocal) return host === undefined ? user : `${user}@${host}`;
  return realm === undefined || /^(?:azuread|microsoftaccount)$/.test(realm) ? user : `${realm.split('.', 1)[0] ?? realm}\\${user}`;
}

const WELL_KNOWN: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    's-1-5-18': 'system',
    's-1-5-19': 'local service',
    's-1-5-20': 'network service',
    's-1-5-7': 'anonymous logon',
  }),
);

/** Of a member that is named by its id only, or of a well-known one. */
function bySid(id: string, computer: string | undefined): Account {
  const known = WELL_KNOWN.get(id.toLowerCase());
  const name = known === undefined ? id.toLowerCase() : computer === undefined ? known : `${known}@${shortHost(computer)}`;
  return { system: 'windows', name, id, ...(known !== undefined && { kind: 'system' as const }) };
}

/** `CN=Anna Berg,OU=People,DC=corp,DC=example,DC=com`: the name that stands first, and the domain. */
export function memberAccount(written: string | undefined, sid: string | undefined, computer: string | undefined): Account | undefined {
  const name = written === undefined || written === '-' ? undefined : written;
  const common = name === undefined ? undefined : /^CN=((?:[^,\\]|\\.)+)/i.exec(name)?.[1]?.replace(/\\(.)/g, '$1');
  if (name === undefined || common === undefined) return windowsAccount(name, undefined, sid, computer);
  const account = windowsAccount(common, /,DC=([^,]+)/i.exec(name)?.[1], sid, computer);
  return account && { ...account, displayName: common };
}
