import {
  deterministicUid,
  ignored,
  kept,
  rejected,
  type Account,
  type Authentication,
  type ParseResult,
  type SourceId,
} from '@keyward/events';
import { accountName, managedAccount } from './account-name.js';
import { parseAddress } from './address.js';
import { parseInstant } from './instant.js';
import { type JsonObject, defined, isObject, list, number, text } from './json.js';
import { lineIn, shippedAt } from './shipped-line.js';
import { readLogLine } from './syslog/line.js';
import { readKeyValues, readSemicolonPairs } from './syslog/key-value.js';
import { deviceOf } from './user-agent.js';
import { vaultEvent, type VaultAct } from './vault-event.js';
import type { VaultKind } from './vault-kinds.js';

/** What such a record can tell. Every value is text; what is not named is absent. */
export type FieldName =
  | 'id'
  | 'time'
  | 'event'
  | 'action'
  | 'variable'
  | 'type'
  | 'objectType'
  | 'result'
  | 'user'
  | 'actor'
  | 'email'
  | 'address'
  | 'userAgent'
  | 'device'
  | 'session'
  | 'application'
  | 'host'
  | 'account'
  | 'member'
  | 'group'
  | 'role'
  | 'object'
  | 'command'
  | 'file'
  | 'bytes'
  | 'ticket'
  | 'reason'
  | 'requestId'
  | 'requester'
  | 'approver'
  | 'startsAt'
  | 'endsAt'
  | 'message'
  | 'protocol';
export type Described = Readonly<Partial<Record<FieldName, string>>>;

/** How the vendor's material, and people who forward it, write each field. Compared without case and punctuation: `Remote IP` is `remoteip`. */
export type Synonyms = Readonly<Record<FieldName, readonly string[]>>;

/** First match decides. The text is type and event in lower case, with `camelCase` taken apart: `application session controller started`. */
export interface EventRule {
  readonly when: RegExp;
  readonly kind?: VaultKind;
  /** Absent, and no kind: the record says nothing about access, for this reason. */
  readonly ignore?: string;
  readonly failed?: true;
  readonly auth?: Authentication;
}

export interface DescribedFormat {
  readonly source: SourceId;
  readonly synonyms: Synonyms;
  readonly rules: readonly EventRule[];
}

/** Members under which whoever forwards such records puts a list of them. */
const LISTS = ['events', 'records', 'items', 'results', 'logs', 'entries', 'data', 'value'] as const;

/** The records of one JSON value: a list under one of those names, or the value itself. */
export function unwrapDescribed(value: unknown): readonly unknown[] {
  if (!isObject(value)) return [value];
  // HTTP collectors keep the line itself as their `event`.
  const line = [text(value['event']), lineIn(value)].find((one) => one !== undefined && LINE.test(one));
  const carried = line === undefined ? undefined : readDescribedLine(line, shippedAt(value));
  if (carried) return unwrapDescribed(carried);
  const key = LISTS.find((name) => isListOfRecords(value[name]));
  return key === undefined ? [value] : list(value[key]);
}

/** What stands among records and is none has its own answer; a list of words alone is a member of the record. */
const isListOfRecords = (value: unknown): boolean => Array.isArray(value) && (value.length === 0 || value.some(isObject));

/** What no name of an event looks like. */
const LINE = /^\s{0,9}(?:\{|<\d{1,3}>)|CEF:|LEEF:/;

const plain = (key: string): string => key.toLowerCase().replace(/[^a-z0-9]/g, '');
const MAX_FIELDS = 300;

/** @returns a reader of the fields by any of their names; of two names for one field in a record, the one named first in the table counts */
export function fieldReader(synonyms: Synonyms): (record: JsonObject) => Described {
  const known = new Map<string, { readonly field: string; readonly rank: number }>();
  for (const [field, names] of Object.entries(synonyms)) names.forEach((name, rank) => known.set(plain(name), { field, rank }));
  known.set(HEADER_TIME, { field: 'time', rank: MAX_FIELDS });
  return (record) => {
    const found: Partial<Record<string, string>> = {};
    const ranks = new Map<string, number>();
    let seen = 0;
    const read = (name: string, value: unknown): void => {
      const match = known.get(name);
      const written = typeof value === 'boolean' ? String(value) : text(value);
      if (match === undefined || written === undefined || match.rank >= (ranks.get(match.field) ?? Infinity)) return;
      ranks.set(match.field, match.rank);
      found[match.field] = written;
    };
    for (const [key, value] of Object.entries(record)) {
      if ((seen += 1) > MAX_FIELDS) break;
      if (isObject(value)) for (const [inner, one] of Object.entries(value).slice(0, MAX_FIELDS)) read(plain(key) + plain(inner), one);
      else read(plain(key), value);
    }
    return found;
  };
}

/** Under this name `readDescribedLine` gives the header's time; the last of the synonyms of `time`. */
const HEADER_TIME = 'syslogheadertime';

/** A line as a record: JSON, CEF, LEEF, or pairs `name=value`, behind any syslog header. Its header's time is the record's when it has none. */
export function readDescribedLine(line: string, receivedAt?: number): JsonObject | undefined {
  const { header, body } = readLogLine(line, receivedAt);
  const time = header.time === undefined ? {} : { [HEADER_TIME]: header.time };
  switch (body.form) {
    case 'json':
      return { ...time, ...body.value };
    case 'cef':
      return { ...time, event: body.value.name, signatureid: body.value.signatureId, ...body.value.extension };
    case 'leef':
      return { ...time, event: body.value.eventId, ...body.value.attributes };
    case 'xml':
      return undefined;
    case 'text': {
      const semicolons = /=[^;="]*;[^;="]+=/.test(body.value) ? readSemicolonPairs(body.value) : undefined;
      const pairs = semicolons ?? readKeyValues(body.value);
      return Object.keys(pairs).length < 2 ? undefined : { ...time, ...pairs };
    }
  }
}

/** Verbs that stand beside the object they were done to: `session` and `start` are `session:start`. */
const VERB =
  /^(?:start\w*|stop\w*|end\w*|open\w*|close\w*|create\w*|add\w*|update\w*|change\w*|edit\w*|modif\w*|delete\w*|remove\w*|read|view\w*|use[d]?|cop(?:y|ied)|grant\w*|revoke\w*|assign\w*|request\w*|approve\w*|allow\w*|accept\w*|den(?:y|ied)|reject\w*|block\w*|enable\w*|disable\w*|activate\w*|deactivate\w*|lock\w*|unlock\w*|upload\w*|download\w*|connect\w*|disconnect\w*|terminat\w*|expire\w*|join\w*|leave|left|execute\w*)$/i;
/** In the words of an event: what was tried was not let happen. */
const REFUSED =
  /\b(?:fail\w*|fehlgeschlagen|verweigert|abgelehnt|denied|deny|den(?:ies)|block(?:ed|s)?|reject(?:ed|s)?|refus\w+|unauthori[sz]ed|unsuccessful|forbidden|not allowed|violat\w*)\b/;
const FAILING = /\b(?:fail\w*|fehlgeschlagen|unsuccessful)\b/;
/** Somebody is refused something; of the others these words tell what was decided, or done to an account. */
const CAN_BE_REFUSED = /^(?:logon|session|command|window|secret|object)/;

const FAILED =
  /^(?:fail|failed|failure|fehlgeschlagen|fehler|error|denied|deny|rejected|refused|blocked|block|false|unsuccessful|invalid|no|nok|not ok)\b/i;
const BARE_VERB = /^[a-z]+$/i;

/** One record, by the format's own tables. What no rule knows is kept as a change or use of some object: nothing is lost. */
export function parseDescribed(
  format: DescribedFormat,
  read: (record: JsonObject) => Described,
  record: unknown,
  receivedAt?: number,
): ParseResult {
  if (!isObject(record)) return rejected('not_an_object', 'a record is a JSON object');
  const fields = read(record);
  const name = fields.event ?? fields.action ?? fields.variable ?? fields.type;
  if (name === undefined) return rejected('unknown_shape', 'event, action: no name of an event');
  const time = parseInstant(fields.time, receivedAt);
  if (time === undefined) return rejected('bad_time', 'time, timestamp, date: no readable time');
  const said = spaced(
    [fields.type, fields.objectType, fields.event, fields.action, fields.variable].filter((one) => one !== undefined).join(' '),
  );
  // What became of a request may stand beside it alone.
  const words = /\brequest/.test(said) && fields.result !== undefined ? `${said} ${fields.result.toLowerCase()}` : said;
  const rule = format.rules.find(({ when }) => when.test(words));
  if (rule?.ignore !== undefined) return ignored(rule.ignore);
  const parties = partiesOf(fields);
  const told = rule?.kind ?? 'object_other';
  // Whatever the event is called, a command in it was typed.
  const kind = decided(told === 'object_other' && fields.command !== undefined ? 'command_start' : told, parties);
  const failed = rule?.failed === true || (CAN_BE_REFUSED.test(kind) ? REFUSED : FAILING).test(words) || isRefused(kind, fields.result);
  return kept(vaultEvent(actOf(format.source, parties, record, { name, words, time, kind, failed, auth: rule?.auth })));
}

/** `sessionControllerStarted` is `session controller started`. */
const spaced = (words: string): string =>
  words
    .slice(0, 500)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_\-./:]+/g, ' ')
    .toLowerCase();

interface Told {
  readonly name: string;
  readonly words: string;
  readonly time: number;
  readonly kind: VaultKind;
  readonly failed: boolean;
  readonly auth: Authentication | undefined;
}

function actOf(source: SourceId, fields: Described, record: JsonObject, told: Told): VaultAct {
  const { kind, failed } = told;
  const object = objectOf(fields, told.words);
  const managed = managedOf(fields, kind);
  const accountOf = (name: string | undefined): Account | undefined => {
    const login = accountName(name);
    return login === undefined ? undefined : { system: source, name: login };
  };
  const actor = accountOf(fields.user ?? fields.email);
  const quantity = number(fields.bytes);
  return {
    source,
    nativeId: fields.id ?? deterministicUid(JSON.stringify(record)),
    time: told.time,
    code: codeOf(fields, told.name),
    kind,
    failed,
    detail: fields.message ?? fields.reason ?? fields.file,
    actor: actor && { ...actor, ...(fields.email?.includes('@') === true && { email: fields.email }) },
    src: parseAddress(fields.address),
    device: defined({
      ...(fields.userAgent !== undefined && deviceOf(fields.userAgent)),
      ...(fields.device !== undefined && { id: fields.device }),
    }),
    session:
      fields.session === undefined
        ? undefined
        : { uid: fields.session, kind: /^(?:session|command|window)/.test(kind) ? 'privileged' : 'sign_in' },
    auth: defined({ ...told.auth, protocol: fields.protocol?.toLowerCase() }),
    managed,
    user: accountOf(whom(fields, kind)),
    object,
    request: defined({
      id: fields.requestId ?? (kind.startsWith('request') || kind.startsWith('jit') ? fields.ticket : undefined),
      requester: accountName(fields.requester),
      approver: accountName(fields.approver) ?? (kind === 'request_approve' || kind === 'jit_grant' ? actor?.name : undefined),
      startsAt: parseInstant(fields.startsAt),
      endsAt: parseInstant(fields.endsAt),
      justification: fields.reason,
    }),
    command: fields.command,
    ticket: fields.ticket,
    quantity: quantity !== undefined && quantity >= 0 ? quantity : undefined,
  };
}

/** Where a record names an actor beside a user, the user is whom it was done to. */
function partiesOf(fields: Described): Described {
  const { actor, user, member } = fields;
  if (actor === undefined) return fields;
  const about = user === undefined || user.toLowerCase() === actor.toLowerCase() ? member : (member ?? user);
  return about === undefined ? { ...fields, user: actor } : { ...fields, user: actor, member: about };
}

/** A decision, or access that somebody gives, is about somebody else. Who that is must be said, or the one who decided would seem to get it. */
function decided(kind: VaultKind, { member, requester }: Described): VaultKind {
  const isAboutAnother = kind === 'request_approve' || kind === 'request_deny' || kind === 'jit_grant' || kind === 'jit_revoke';
  return isAboutAnother && member === undefined && requester === undefined ? 'request_other' : kind;
}

const ABOUT_PERSON = /^(?:user|right|role|member)_/;
const whom = ({ member, requester, account }: Described, kind: VaultKind): string | undefined =>
  member ?? (/^(?:request|jit)_/.test(kind) ? requester : ABOUT_PERSON.test(kind) ? account : undefined);

/** Of a request that was denied, the result tells the decision, not that deciding failed. */
const isRefused = (kind: VaultKind, result: string | undefined): boolean =>
  result !== undefined && FAILED.test(result) && !(kind === 'request_deny' && !FAILING.test(result.toLowerCase()));

/** The vendor's variable; object and verb where the record has them apart; else the event as written. */
function codeOf({ variable, event, action, objectType, type }: Described, name: string): string {
  if (variable !== undefined) return variable;
  if (event !== undefined && action !== undefined) return VERB.test(action) && !VERB.test(event) ? `${event}:${action}` : event;
  const of = objectType ?? (VERB.test(name) ? type : undefined);
  return of !== undefined && BARE_VERB.test(name) ? `${of}:${name}` : name;
}

function objectOf({ object, role, group, application, host, file }: Described, words: string): VaultAct['object'] {
  if (role !== undefined) return { kind: 'role', name: role };
  if (group !== undefined) return { kind: 'group', name: group };
  if (application !== undefined) return defined({ kind: 'application' as const, name: application, host: host?.toLowerCase() });
  if (host !== undefined) return { kind: 'host', name: host.toLowerCase(), host: host.toLowerCase() };
  const other = object ?? file;
  return other === undefined
    ? undefined
    : { kind: /\b(?:policy|rule|restriction|setting)\b/.test(words) ? 'policy' : 'other', name: other };
}

/** The account on the other side: `root@db1`; of a stored credential without a user, the system it is for. */
function managedOf({ account, host, object, application }: Described, kind: VaultKind): VaultAct['managed'] {
  const place = host?.toLowerCase();
  if (account !== undefined) return { account: managedAccount(account, place ?? application?.toLowerCase()), user: account, host: place };
  const name = kind.startsWith('secret') ? (object ?? application) : undefined;
  return name === undefined ? undefined : { account: name.toLowerCase(), name };
}
