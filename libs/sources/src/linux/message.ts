import type { Authentication, Outcome, Privilege } from '@keyward/events';
import type { ClassifiedActivity } from '../ocsf-export/activities.js';

/** Why a line says nothing about access: a metric label, so a closed set. */
export type LinuxIgnored =
  | 'connection'
  | 'repeated_detail'
  | 'scheduled_job'
  | 'service_message'
  | 'interim_step'
  | 'credential_cache'
  | 'other_program'
  | 'other_audit_record';

/** What a line tells of. Logins are as the machine knows them, without the machine. */
export interface Told {
  readonly as: ClassifiedActivity;
  /** Name of the operation; the programs write sentences, so the names are ours, but for `ssh_login` and audit types. */
  readonly code: string;
  readonly outcome: Outcome;
  /** Who acted. */
  readonly user?: string | undefined;
  /** The account that was acted on, or that the actor became. */
  readonly target?: string | undefined;
  /** Address or name of the machine that the actor sits at. */
  readonly from?: string | undefined;
  readonly port?: number | undefined;
  readonly auth?: Authentication | undefined;
  readonly group?: string | undefined;
  readonly change?: Extract<Privilege['change'], 'granted' | 'revoked'> | undefined;
  readonly command?: string | undefined;
  /** Id of the session as the machine counts them; `process`: the process that wrote the line is the session. */
  readonly session?: string | undefined;
  /** A session in which the actor is another account than his own. */
  readonly privileged?: true;
  /** Seconds of the program's own clock are better than the header's: audit records carry theirs. */
  readonly detail?: string | undefined;
}

export type Meaning = Told | { readonly ignore: LinuxIgnored };
export const ignore = (reason: LinuxIgnored): Meaning => ({ ignore: reason });

/** What a rule's pattern says by its groups: `user`, `target`, `from`, `port`, `method`, `group`, `command`, `session`. */
export type Rule = readonly [
  RegExp,
  Omit<Told, 'user' | 'target' | 'from' | 'port' | 'group' | 'command'> | { readonly ignore: LinuxIgnored },
];

/** The first rule that matches, with what its groups found. Patterns are anchored, and none can be read in two ways. */
export function firstRule(rules: readonly Rule[], body: string): Meaning | undefined {
  for (const [pattern, meaning] of rules) {
    const match = pattern.exec(body);
    if (!match) continue;
    if ('ignore' in meaning) return meaning;
    const { user, target, from, port, method, group, command, session } = match.groups ?? {};
    return {
      ...meaning,
      user,
      target,
      from,
      port: port === undefined ? undefined : Number(port),
      group,
      command,
      session: session ?? meaning.session,
      auth: method === undefined ? meaning.auth : { ...meaning.auth, ...methodOf(method) },
    };
  }
  return undefined;
}

const METHODS: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    publickey: 'key',
    'keyboard-interactive/pam': 'password',
    'keyboard-interactive': 'password',
    'gssapi-with-mic': 'kerberos',
    'gssapi-keyex': 'kerberos',
    hostbased: 'host',
  }),
);

/** sshd's name of an authentication method in our words; `none` is the client's question which there are. */
export function methodOf(written: string): Authentication {
  const name = written.toLowerCase().split('/bsdauth')[0] ?? written;
  return name === 'none' ? {} : { method: METHODS.get(name) ?? name };
}
