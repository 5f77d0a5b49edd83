import {
  deterministicUid,
  eventUid,
  ignored,
  kept,
  rejected,
  Account,
  Authentication,
  Endpoint,
  Session,
  SourceId,
  type AccessEvent,
  type EventClass,
  type Outcome,
  type ParseResult,
} from '@keyward/events';
import { accountName, managedAccount } from '../account-name.js';
import { parseInstant } from '../instant.js';
import { at, defined, firstText, isObject, list, number, object, text, type JsonObject } from '../json.js';
import { accountOf, isSameAccount } from './account.js';
import { authenticationOf } from './authentication.js';
import { classify, type Classified } from './classify.js';
import { meaningOf, own } from './meaning.js';
import { deviceOfRecord, endpointOf } from './origin.js';

const SOURCE = 'ocsf';
/** A sign-in that says nothing of its outcome leaves open what happened; everything else tells of what was done. */
const mustSay = ({ class: of, activity }: Access): boolean => of === 'authentication' && activity !== 'logoff';
const MAX_DETAIL = 1_000;

/** One OCSF 1.x event, whoever wrote it, to an event of ours: the inverse of `toOcsf`. */
export function parseOcsf(written: unknown): ParseResult {
  if (!isObject(written)) return rejected('not_an_object', 'a record is a JSON object');
  // Before 1.0 who acted stood under `identity`.
  const record = written['actor'] === undefined && isObject(written['identity']) ? { ...written, actor: written['identity'] } : written;
  const classified = classify(record);
  if (!classified) return rejected('unknown_shape', 'no class_uid, type_uid or class_name');
  if (classified.kind === 'other') return ignored(classified.reason);
  const time = timeOf(record);
  if (time === undefined) return rejected('bad_time', 'time, time_dt: no readable time');
  const outcome = outcomeOf(record);
  if (outcome === undefined && mustSay(classified)) return rejected('schema_mismatch', 'status_id, status: neither success nor failure');
  return kept(eventOf(record, classified, time, outcome ?? 'success'));
}

type Access = Extract<Classified, { kind: 'access' }>;

function eventOf(record: JsonObject, { class: of, activity }: Access, time: number, outcome: Outcome): AccessEvent {
  const metadata = object(record['metadata']);
  const unmapped = object(record['unmapped']);
  const nativeId =
    firstText(metadata['uid'], metadata['original_event_uid'], record['ref_event_uid']) ?? deterministicUid(canonical(record));
  const code = codeOf(record, metadata, of, activity);
  const system = systemOf(metadata);
  const lost = object(unmapped['keyward']);
  const named = accountsOf(record, of, system);
  const { actor, target } = restored(named, lost);
  const told = { class: of, activity, code, failed: outcome === 'failure', system, target };
  const { resource, privilege, credential, ticket, vendorRisk, quantity } = meaningOf(record, unmapped, told);
  const event: AccessEvent = {
    uid: eventUid(SOURCE, nativeId),
    nativeId,
    source: SOURCE,
    time,
    class: of,
    activity,
    code,
    outcome,
    detail: string(lost['detail']) ?? firstText(record['status_detail'], record['message'])?.slice(0, MAX_DETAIL),
    actor,
    target,
    src: own(Endpoint, lost['src']) ?? endpointOf(object(record['src_endpoint'])),
    device: of === 'process_activity' && unmapped['device'] === undefined ? undefined : deviceOfRecord(record, unmapped),
    session: own(Session, lost['session']) ?? sessionOf(record, unmapped, of),
    auth: lost['auth'] === null ? undefined : (own(Authentication, lost['auth']) ?? authenticationOf(record, of)),
    resource,
    privilege,
    credential,
    command: string(lost['command']) ?? (of === 'process_activity' ? text(object(record['process'])['cmd_line']) : undefined),
    ticket,
    vendorRisk,
    quantity,
  };
  return defined(event) ?? event;
}

const string = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

type Parties = Pick<AccessEvent, 'actor' | 'target'>;

/** Accounts that Keyward's own export wrote down because OCSF would lose them. `null`: nobody acted, the user is whom it was done to. */
function restored(named: Parties, lost: JsonObject): Parties {
  const actor = lost['actor'] === null ? undefined : (own(Account, lost['actor']) ?? named.actor);
  return { actor, target: own(Account, lost['target']) ?? named.target };
}

/** `time` is epoch ms in the schema; producers write ISO text too, or only the profile's `time_dt`. */
const timeOf = (record: JsonObject): number | undefined =>
  parseInstant(record['time']) ?? parseInstant(record['time_dt']) ?? parseInstant(at(record, 'metadata', 'original_time'));

/** By `status_id`, then by its caption; of an API call also by the error it came back with. Undefined when none of them says it. */
function outcomeOf(record: JsonObject): Outcome | undefined {
  const id = number(record['status_id']);
  if (id === 1) return 'success';
  if (id === 2) return 'failure';
  const caption = text(record['status'])?.toLowerCase() ?? '';
  if (/^(?:succe|ok$|allow|granted|permitted|true$)/.test(caption)) return 'success';
  if (/^(?:fail|den(?:y|ied)|error|block|reject|refused|false$|invalid|unauthori[sz]ed|lock|expired|time(?:d )?out|0xc)/.test(caption))
    return 'failure';
  return text(at(record, 'api', 'response', 'error')) === undefined ? undefined : 'failure';
}

/** The producer's own name of the operation; what has none is called by its class and activity. */
const codeOf = (record: JsonObject, metadata: JsonObject, of: EventClass, activity: string): string =>
  firstText(metadata['event_code'], at(record, 'api', 'operation'), record['type_name']) ?? `${of}:${activity}`;

/** Accounts are of the system that `log_name` names where it is one of ours (as in Keyward's export): then they are the accounts that it knows already. */
function systemOf(metadata: JsonObject): string {
  return own(SourceId, metadata['log_name']) ?? SOURCE;
}

/**
 * Who acted, and on whom. `user` is whom the event is about: of a sign-in it is who signs in, unless the actor is named apart; of a change, who was changed.
 * A process may run as somebody else than who started it: `root` on that host.
 */
function accountsOf(record: JsonObject, of: EventClass, system: string): Parties {
  const actor = accountOf(object(at(record, 'actor', 'user')), system) ?? applicationOf(record, system);
  const managed = of === 'entity_management' ? accountOf(object(at(record, 'entity', 'user')), system) : undefined;
  const user =
    of === 'process_activity'
      ? runsAs(record, system)
      : (accountOf(object(record['user']), system) ?? accountOf(object(list(record['users'])[0]), system) ?? managed);
  if (!user) return { actor };
  if (!actor) return of === 'authentication' || of === 'authorize_session' ? { actor: user } : { actor, target: user };
  return isSameAccount(actor, user) ? { actor } : { actor, target: user };
}

/** An application that acted by itself. */
function applicationOf(record: JsonObject, system: string): Account | undefined {
  const name = accountName(firstText(at(record, 'actor', 'app_name'), at(record, 'actor', 'invoked_by')));
  return name === undefined ? undefined : { system, name, kind: 'service' };
}

function runsAs(record: JsonObject, system: string): Account | undefined {
  const written = object(at(record, 'process', 'user'));
  const user = accountOf(written['name'] === undefined ? object(record['user']) : written, system);
  const actor = text(at(record, 'actor', 'user', 'name'))?.toLowerCase();
  if (!user || user.name === actor) return undefined;
  return { ...user, name: managedAccount(user.name, text(at(record, 'device', 'hostname'))) };
}

/** Where the process started is a privileged session, or its command would not have been recorded. */
function sessionOf(record: JsonObject, unmapped: JsonObject, of: EventClass): AccessEvent['session'] {
  const signedIn = object(record['session']);
  const actors = object(at(record, 'actor', 'session'));
  const uid = firstText(signedIn['uid'], actors['uid'], of === 'process_activity' ? at(record, 'process', 'session', 'uid') : undefined);
  if (uid === undefined) return undefined;
  const written = text(unmapped['session_kind']);
  const kind = written === 'sign_in' || written === 'privileged' ? written : of === 'process_activity' ? 'privileged' : undefined;
  return defined({ uid, tokenId: firstText(signedIn['credential_uid'], actors['credential_uid']), kind });
}

/** JSON with sorted members: two spellings of one record without id have one id. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}
