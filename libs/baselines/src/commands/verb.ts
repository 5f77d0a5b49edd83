import { simpleCommands, wordsOf } from './command-line.js';
import { sqlVerb } from './sql-verb.js';

/** Programs that do what their next words say, and how many of these words belong to the verb. */
const SUB_COMMANDS: ReadonlyMap<string, number> = new Map([
  ...'apt apt-get cargo crictl dnf docker git go helm ip kubectl launchctl net nmcli npm oc openssl pip pip3 podman reg sc snap svn systemctl terraform tsh vault wmic yum zypper'
    .split(' ')
    .map((program): [string, number] => [program, 1]),
  ...'aws az gcloud gh netsh service'.split(' ').map((program): [string, number] => [program, 2]),
]);
/** Programs that only run another one: it is what is done. */
const WRAPPERS: ReadonlySet<string> = new Set([
  'builtin',
  'command',
  'env',
  'exec',
  'ionice',
  'nice',
  'nohup',
  'setsid',
  'stdbuf',
  'time',
  'timeout',
  'xargs',
]);
/** Who runs another one with more rights does something else than who runs it. */
const RAISERS: ReadonlySet<string> = new Set(['doas', 'pbrun', 'pfexec', 'runas', 'sudo']);
/** Options of wrappers and of programs with sub-commands whose value is the next word. */
const WITH_VALUE =
  /^(?:-[nCcugUTHphk]|--(?:namespace|context|kubeconfig|profile|region|output|user|group|host|project|subscription|git-dir|work-tree|chdir))$/;
/** What a program is turned on, where that is most of what is done: to read a file is nothing, to read everybody's password hashes is. */
const OBJECTS: readonly (readonly [name: string, written: RegExp])[] = [
  [
    'secrets',
    /\/etc\/(?:g?shadow|sudoers|krb5\.keytab|ssl\/private)|\.ssh\b|\bid_(?:rsa|dsa|ecdsa|ed25519)\b|authorized_keys|\.(?:pem|p12|pfx|kdbx|keytab)$|\.aws\/credentials|\.kube\/config|ntds\.dit|\blsass\b|\bhk(?:lm|ey_local_machine)\\(?:sam|security)\b/i,
  ],
  ['logs', /\/var\/log\/(?:audit|auth|secure|wtmp|btmp|lastlog|messages|syslog)|\b[uw]tmp\b|_history\b/i],
];
const MAX_VERB = 48;
const NO_VERB = 'unreadable';

/** Command lines remembered: people type the same few thousand. */
const CACHE_SIZE = 20_000;
const cache = new Map<string, readonly string[]>();

/**
 * What a command line does, as verbs without arguments (but for what they are turned on, where it is secrets or logs):
 * `sudo /usr/bin/systemctl restart nginx | tee x` is `sudo systemctl restart`, `tee`; `Get-ADUser -Filter *` is `get-aduser`;
 * `SELECT a FROM hr.pay` is `select hr.pay`; `cat /etc/shadow` is `cat (secrets)`. A pure function that remembers its last answers.
 *
 * @returns one to eight verbs of at most 48 characters
 */
export function verbsOf(command: string): readonly string[] {
  const known = cache.get(command);
  if (known) return known;
  const verbs = read(command);
  if (cache.size >= CACHE_SIZE) cache.clear();
  cache.set(command, verbs);
  return verbs;
}

function read(command: string): readonly string[] {
  const text = command.trim();
  if (/^[\w.+-]{1,48}$/.test(text)) return [programOf(text)];
  const sql = sqlVerb(text);
  if (sql !== undefined) return [clip(sql)];
  const verbs = simpleCommands(text).map(verbOf);
  return verbs.length === 0 ? [NO_VERB] : verbs;
}

/** @param command one simple command, not empty */
function verbOf(command: string): string {
  const words = wordsOf(command);
  let at = 0;
  let prefix = '';
  for (; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (/^[A-Za-z_]\w*=/.test(word) || word === '(' || word === '{' || word === '!') continue;
    const program = programOf(word);
    if (RAISERS.has(program)) prefix = `${program} `;
    else if (!WRAPPERS.has(program)) break;
    at = afterOptions(words, at + 1) - 1;
  }
  const written = words[at];
  if (written === undefined) return prefix === '' ? NO_VERB : prefix.trim();
  const program = programOf(written);
  const verb = clip(prefix + [program, ...subCommands(words, at + 1, SUB_COMMANDS.get(program) ?? 0)].join(' '));
  const object = objectOf(words.slice(at + 1));
  return object === undefined ? verb : `${clip(verb, MAX_VERB - object.length - 3)} (${object})`;
}

const objectOf = (words: readonly string[]): string | undefined =>
  OBJECTS.find(([, written]) => words.some((word) => written.test(word)))?.[0];

function subCommands(words: readonly string[], from: number, count: number): readonly string[] {
  const found: string[] = [];
  let at = afterOptions(words, from);
  while (found.length < count && at < words.length) {
    found.push((words[at] ?? '').toLowerCase());
    at = afterOptions(words, at + 1);
  }
  return found;
}

/** @returns index of the first word from `at` on that is no option and no option's value; numbers (`timeout 5`) are none either */
function afterOptions(words: readonly string[], at: number): number {
  let next = at;
  for (;;) {
    const word = words[next];
    if (word === undefined || (!word.startsWith('-') && !/^\d+[smhd]?$/.test(word))) return next;
    next += WITH_VALUE.test(word) ? 2 : 1;
  }
}

/** Without its path and `.exe`; PowerShell and Windows do not care for case, others do. */
function programOf(word: string): string {
  const bare = word.slice(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1).replace(/^\(+/, '');
  if (bare === '' || bare === '__proto__') return clip(`_${word}`);
  if (/\.(?:exe|cmd|bat|ps1|msc)$/i.test(bare)) return bare.toLowerCase().replace(/\.exe$/, '');
  return /^[A-Z][a-zA-Z]+-[A-Z]\w+$/.test(bare) ? bare.toLowerCase() : clip(bare);
}

const clip = (verb: string, most = MAX_VERB): string => (verb.length <= most ? verb : verb.slice(0, most));
