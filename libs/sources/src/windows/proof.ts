import type { AccessEvent, Authentication } from '@keyward/events';
import { defined } from '../json.js';
import type { CodeMeaning } from './codes.js';
import { failureOf } from './status.js';
import type { WinEvent } from './win-event.js';

/** Logon types, and whether a person sat before the screen (or a remote one). @see event 4624 */
const LOGON_TYPES: ReadonlyMap<string, readonly [string, boolean | undefined]> = new Map(
  Object.entries<readonly [string, boolean | undefined]>({
    '0': ['system', false],
    '2': ['interactive', true],
    '3': ['network', false],
    '4': ['batch', false],
    '5': ['service', false],
    '7': ['unlock', true],
    '8': ['network_cleartext', false],
    '9': ['new_credentials', undefined],
    '10': ['remote_interactive', true],
    '11': ['cached_interactive', true],
    '12': ['cached_remote_interactive', true],
    '13': ['cached_unlock', true],
  }),
);
/** `RemoteInteractive` and `Remote Interactive` alike. */
const LOGON_WORDS: ReadonlyMap<string, readonly [string, boolean | undefined]> = new Map(
  [...LOGON_TYPES.values()].map((type) => [type[0].replaceAll('_', ''), type]),
);

const KERBEROS: ReadonlySet<number> = new Set([4768, 4769, 4770, 4771, 4772, 4773, 4820, 4821, 4824]);
const NTLM: ReadonlySet<number> = new Set([4776, 4777, 4822, 4823]);
const REMOTE_DESKTOP: ReadonlySet<number> = new Set([4778, 4779, 4825, 21, 22, 23, 24, 25, 1149]);

/** How somebody proved who he is, by logon type, package and status. */
export function proofOf({ id, data }: WinEvent, { step }: CodeMeaning, outcome: AccessEvent['outcome']): Authentication | undefined {
  const written = data['logontype'] ?? data['logontypename'];
  const type =
    written === undefined ? undefined : (LOGON_TYPES.get(written) ?? LOGON_WORDS.get(written.toLowerCase().replace(/[^a-z]/g, '')));
  const protocol = protocolOf(id, data);
  return defined<Authentication>({
    method: KERBEROS.has(id) && data['preauthtype'] !== undefined ? methodOf(data['preauthtype']) : undefined,
    step: step ?? 'primary',
    interactive: type?.[1] ?? (REMOTE_DESKTOP.has(id) || id === 4801 ? true : undefined),
    protocol,
    application: type?.[0] ?? (REMOTE_DESKTOP.has(id) ? 'remote_interactive' : id === 4801 ? 'unlock' : undefined),
    failure:
      outcome === 'failure'
        ? failureOf([data['substatus'], data['status'], data['failurecode'], data['errorcode']], data['failurereason'])
        : undefined,
  });
}

/** Kerberos pre-authentication: 15 to 17 are certificates (smart cards, Windows Hello), 138 an armoured password. */
const methodOf = (preAuth: string): string | undefined =>
  /^(?:14|15|16|17)$/.test(preAuth) ? 'certificate' : /^(?:2|11|138)$/.test(preAuth) ? 'password' : undefined;

function protocolOf(id: number, data: WinEvent['data']): string | undefined {
  if (KERBEROS.has(id)) return 'kerberos';
  if (NTLM.has(id)) return 'ntlm';
  if (REMOTE_DESKTOP.has(id)) return 'rdp';
  const lm = data['lmpackagename'];
  const name = lm !== undefined && lm !== '-' ? lm : (data['authenticationpackagename'] ?? data['authenticationpackage']);
  return name === undefined || name === '-' ? undefined : /ntlm|microsoft_authentication_package/i.test(name) ? 'ntlm' : name.toLowerCase();
}
