import type { Authentication } from '@keyward/events';
import { firstRule, ignore, type Meaning, type Rule, type Told } from './message.js';

const SWITCH = { class: 'authentication', activity: 'account_switch' } as const;
const COMMAND = { class: 'process_activity', activity: 'launch' } as const;

const switched = (code: string, failure?: Authentication['failure']): Omit<Told, 'user'> => ({
  as: SWITCH,
  code,
  outcome: failure === undefined ? 'success' : 'failure',
  session: 'process',
  privileged: true,
  auth: { application: code, step: 'session', ...(failure && { failure }) },
});
const ran = (code: string, failure?: Authentication['failure']): Omit<Told, 'user'> => ({
  as: COMMAND,
  code,
  outcome: failure === undefined ? 'success' : 'failure',
  session: 'process',
  privileged: true,
  ...(failure && { auth: { failure } }),
});

/** `su` of shadow, util-linux, BSD, Solaris. Their successes and PAM's `session opened` are of one process, so of one session. */
const SU_RULES: readonly Rule[] = [
  [/^Successful su for (?<target>\S+) by (?<user>\S+)$/, switched('su')],
  [/^FAILED su for (?<target>\S+) by (?<user>\S+)$/i, switched('su', 'bad_password')],
  [/^\+ \S+ (?<user>[^:\s]+):(?<target>[^:\s]+)$/, switched('su')],
  [/^- \S+ (?<user>[^:\s]+):(?<target>[^:\s]+)$/, switched('su', 'bad_password')],
  [/^\(to (?<target>[^)]+)\) (?<user>\S+) on \S+$/, switched('su')],
  [/^FAILED SU \(to (?<target>[^)]+)\) (?<user>\S+) on \S+$/, switched('su', 'bad_password')],
  [/^BAD SU (?:from )?(?<user>\S+) to (?<target>\S+)(?: (?:on|at) \S+)?$/, switched('su', 'bad_password')],
  [/^succeeded: \S+ changing from (?<user>\S+) to (?<target>\S+)$/, switched('su')],
  [/^failed: \S+ changing from (?<user>\S+) to (?<target>\S+)$/, switched('su', 'bad_password')],
  [/^from (?<user>\S+) to (?<target>\S+) at \S+$/, switched('su')],
  [/^(?<user>\S+) to (?<target>\S+) on \S+$/, switched('su')],
  [/^'su (?:- )?(?<target>\S+)' succeeded for (?<user>\S+) on \S+$/, switched('su')],
  [/^'su (?:- )?(?<target>\S+)' failed for (?<user>\S+) on \S+$/, switched('su', 'bad_password')],
  [/^No passwd entry for user '(?<target>[^']*)'/, switched('su', 'unknown_user')],
  [/^(?:pam_\w+|Authentication failure|Warning)/, ignore('repeated_detail')],
];

const DOAS_RULES: readonly Rule[] = [
  [/^(?<user>\S+) ran command (?<command>.*) as (?<target>\S+) from \S+$/, ran('doas_command')],
  [/^(?<user>\S+) ran command as (?<target>[^:\s]+): (?<command>.*)$/, ran('doas_command')],
  [/^command not permitted for (?<user>[^:\s]+): (?<command>.*)$/, ran('doas_command', 'policy')],
  [
    /^(?:failed (?:command|auth) for|tty (?:required|timed out) for|failed password for) (?<user>[^:\s]+)(?:: (?<command>.*))?$/,
    ran('doas_command', 'bad_password'),
  ],
];

const POLKIT_RULES: readonly Rule[] = [
  [
    /^Operator of \S+ successfully authenticated as unix-user:(?<target>\S+) to gain .* authorization for action \S+ for .* \(owned by unix-user:(?<user>[^)\s]+)\)$/,
    { as: { class: 'authorize_session', activity: 'assign_privileges' }, code: 'polkit_authorization', outcome: 'success' },
  ],
  [
    /^Operator of \S+ FAILED to authenticate (?:as unix-user:(?<target>\S+) )?to gain authorization for action \S+ for .* \(owned by unix-user:(?<user>[^)\s]+)\)$/,
    {
      as: { class: 'authorize_session', activity: 'assign_privileges' },
      code: 'polkit_authorization',
      outcome: 'failure',
      auth: { failure: 'bad_password' },
    },
  ],
];

export function suMeaning(body: string): Meaning {
  return firstRule(SU_RULES, body) ?? ignore('service_message');
}
export const doasMeaning = (body: string): Meaning => firstRule(DOAS_RULES, body) ?? ignore('service_message');
export const polkitMeaning = (body: string): Meaning => firstRule(POLKIT_RULES, body) ?? ignore('service_message');

/** Why sudo or pkexec refused, by its own words. */
function refusalOf(reason: string): Authentication['failure'] {
  const words = reason.toLowerCase();
  if (words.includes('incorrect password') || words.includes('authentication') || words.includes('password is required'))
    return 'bad_password';
  if (words.includes('account is locked') || words.includes('account locked')) return 'locked';
  if (words.includes('expired')) return 'expired';
  return 'policy';
}

const SUDO_FIELD = /^([A-Z]{2,10})=(.*)$/s;

/**
 * `anna : 3 incorrect password attempts ; TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/bin/ls`. The command comes last and may hold anything.
 * A reason before the fields is why it was refused; sudo writes none when the command ran.
 */
export function sudoMeaning(body: string): Meaning {
  const line = body.trim();
  const colon = line.indexOf(' : ');
  const user = colon > 0 ? line.slice(0, colon) : undefined;
  if (user === undefined || /\s/.test(user)) return ignore('service_message');
  const rest = line.slice(colon + 3);
  if (rest.startsWith('(command continued)')) return ignore('repeated_detail');
  const commandAt = rest.startsWith('COMMAND=') ? 0 : rest.indexOf(' ; COMMAND=');
  const command = commandAt < 0 ? undefined : rest.slice(rest.indexOf('COMMAND=', commandAt) + 8);
  const fields: Record<string, string> = {};
  const reasons: string[] = [];
  for (const part of (commandAt < 0 ? rest : rest.slice(0, commandAt)).split(' ; ')) {
    const field = SUDO_FIELD.exec(part);
    if (field) fields[field[1] ?? ''] = field[2] ?? '';
    else if (part !== '') reasons.push(part);
  }
  if (command === undefined && fields['TTY'] === undefined && fields['USER'] === undefined) return ignore('service_message');
  const reason = reasons.join('; ');
  const target = fields['USER'];
  return {
    ...ran('sudo_command', reason === '' ? undefined : refusalOf(reason)),
    user,
    target: target === user ? undefined : target,
    command,
  };
}

/** `anna: Executing command [USER=root] [TTY=unknown] [CWD=/home/anna] [COMMAND=/usr/bin/id]`; any other sentence in its place is a refusal. */
export function pkexecMeaning(body: string): Meaning {
  const match = /^([^:\s]+): ([^[]*)\[USER=([^\]]*)\]/.exec(body);
  if (!match) return ignore('service_message');
  const [, user = '', sentence = '', target = ''] = match;
  const commandAt = body.indexOf('[COMMAND=');
  const command = commandAt < 0 ? undefined : body.slice(commandAt + 9).replace(/\]$/, '');
  const refused = !sentence.startsWith('Executing command');
  return {
    ...ran('pkexec_command', refused ? refusalOf(sentence) : undefined),
    user,
    target: target === user ? undefined : target,
    command,
  };
}
