import { eventUid, ignored, kept, rejected, type AccessEvent, type Account, type ParseResult, type Resource } from '@keyward/events';
import { parseAddress } from '../address.js';
import { defined, isObject, list, type JsonObject } from '../json.js';
import type { Source } from '../source.js';
import { readSyslog } from '../syslog/header.js';
import { DIRECTORY_COPIED, meaningOf, type CodeMeaning } from './codes.js';
import { xmlEvents } from './event-xml.js';
import { proofOf } from './proof.js';
import { memberAccount, shortHost, windowsAccount } from './principal.js';
import { readSnare, readSplunk, readWinCollect, splunkContinuation } from './snare.js';
import { statusNumber } from './status.js';
import { winEventOf, type WinEvent } from './win-event.js';

interface Parties {
  readonly actor?: Account | undefined;
  readonly target?: Account | undefined;
}

function partiesOf({ id, data, computer }: WinEvent, { roles }: CodeMeaning): Parties {
  const subject = windowsAccount(data['subjectusername'], data['subjectdomainname'], data['subjectusersid'], computer);
  const named = data['targetusername'] ?? data['targetaccount'] ?? data['account'];
  // Pre-authentication that failed names the realm with the service: `krbtgt/CORP`.
  const realm = id === 4771 ? /^krbtgt\/(.+)$/i.exec(data['servicename'] ?? '')?.[1] : undefined;
  // A locked account's record has the caller's machine in the place of the domain.
  const target = (): Account | undefined =>
    windowsAccount(
      named,
      id === 4740 ? data['subjectdomainname'] : (data['targetdomainname'] ?? realm),
      data['targetusersid'] ?? data['targetsid'],
      computer,
    );
  switch (roles) {
    case 'target_acts':
      return { actor: target() ?? (named === undefined ? subject : undefined) };
    case 'switches':
      return { actor: subject, target: onServer(data) ?? target() };
    case 'on_account':
      return { actor: subject, target: renamed(data) ?? target() };
    case 'on_member':
      return { actor: subject, target: memberAccount(data['membername'], data['membersid'], computer) };
    case 'on_group':
    case 'subject_acts':
      return { actor: subject ?? windowsAccount(data['username'] ?? data['user'] ?? data['requester'], undefined, undefined, computer) };
    case 'session':
      return { actor: windowsAccount(data['accountname'], data['accountdomain'], undefined, computer) ?? target() };
    case 'terminal':
      return { actor: windowsAccount(data['user'] ?? data['param1'], data['param2'], undefined, computer) };
  }
}

/** An account of the very machine that it is used on: its domain is that machine. */
function onServer(data: WinEvent['data']): Account | undefined {
  const server = data['targetservername'];
  const domain = data['targetdomainname']?.toLowerCase();
  if (server === undefined || domain === undefined || shortHost(server) !== domain) return undefined;
  return windowsAccount(data['targetusername'], '.', data['targetsid'], server);
}

/** A renamed account goes on under its new name. */
function renamed(data: WinEvent['data']): Account | undefined {
  const name = data['newtargetusername'];
  return name === undefined ? undefined : windowsAccount(name, data['targetdomainname'], data['targetsid'], undefined);
}

/** Machine that the caller sat at: an address where there is one, else a name. */
function originOf({ id, data }: WinEvent): AccessEvent['src'] {
  const address = parseAddress(
    data['ipaddress'] ?? data['clientaddress'] ?? data['address'] ?? data['param3'] ?? data['callingstationid'] ?? data['nasipv4address'],
  );
  const port = Number(data['ipport'] ?? data['clientport'] ?? '');
  const name = (id === 4740 ? data['targetdomainname'] : undefined) ?? data['workstationname'] ?? data['clientname'] ?? data['workstation'];
  const hostname = name === undefined || name === '-' || /^\\*$/.test(name) ? undefined : name.replace(/^\\+/, '').toLowerCase();
  return defined({
    ip: address === undefined || address.ip === '0.0.0.0' || address.ip === '::' ? undefined : address.ip,
    port: address !== undefined && Number.isInteger(port) && port > 0 && port <= 65_535 ? port : undefined,
    hostname,
  });
}

/** Sessions of the machine itself (`0x3e7` ...) are as old as its last start. */
const MACHINE_SESSIONS: ReadonlySet<number> = new Set([0, 0x3e3, 0x3e4, 0x3e5, 0x3e7]);

function sessionOf({ data, computer }: WinEvent, { roles }: CodeMeaning, outcome: AccessEvent['outcome']): AccessEvent['session'] {
  if (outcome === 'failure') return undefined;
  const written =
    roles === 'target_acts'
      ? data['targetlogonid']
      : roles === 'session'
        ? data['logonid']
        : roles === 'terminal'
          ? undefined
          : data['subjectlogonid'];
  if (written === undefined || !/^0x[0-9a-f]{1,16}$/i.test(written) || MACHINE_SESSIONS.has(Number(written))) return undefined;
  const uid = `0x${written
    .slice(2)
    .toLowerCase()
    .replace(/^0+(?=.)/, '')}`;
  return { uid: computer === undefined ? uid : `${uid}@${shortHost(computer)}`, kind: 'sign_in' };
}

function resourceOf(event: WinEvent, meaning: CodeMeaning): Resource | undefined {
  const { data, computer } = event;
  const host = computer === undefined ? undefined : shortHost(computer);
  const of = (kind: Resource['kind'], name: string | undefined, id?: string): Resource | undefined =>
    name === undefined ? machine : { kind, name, ...(id !== undefined && { id }), ...(host !== undefined && { host }) };
  const machine: Resource | undefined = host === undefined ? undefined : { kind: 'host', name: host, host };
  if (meaning.roles === 'on_group' || meaning.roles === 'on_member') return of('group', data['targetusername'], data['targetsid']);
  switch (meaning.about) {
    case 'policy':
      return of('policy', data['categoryid'] ?? data['domainname'] ?? data['targetname'] ?? policyName(event.id));
    case 'audit_log':
      return of('policy', data['channel'] !== undefined && event.id === 104 ? `audit log ${data['channel']}` : 'audit log');
    case 'service':
      return of('other', data['servicename']);
    case 'task':
      return of('other', data['taskname']);
    case 'secret':
      return of('secret', data['targetname'] ?? (event.id === 4662 ? 'directory replication' : 'credential manager'));
    case 'certificate':
      return of('secret', data['certificatetemplate'] ?? data['requestid'] ?? 'certificate');
    case 'directory':
      return of('other', data['objectdn'] ?? data['newobjectdn'] ?? data['olddn'], data['objectguid']);
    case 'right':
      return of('policy', data['privilegelist'] ?? data['accessgranted'] ?? data['accessremoved']);
    case undefined:
      break;
  }
  if (event.id === 4769 || event.id === 4770) return of('application', data['servicename'], data['servicesid']);
  const server = data['targetservername'];
  if (event.id === 4648 && server !== undefined && !/^(?:localhost|-)$/i.test(server))
    return { kind: 'host', name: shortHost(server), host: shortHost(server) };
  return machine;
}

const policyName = (id: number): string =>
  id === 4719 || id === 4817 ? 'audit policy' : id === 4713 ? 'kerberos policy' : id === 4739 ? 'domain policy' : 'trust';

function privilegeOf({ data, computer }: WinEvent, { change, roles, about }: CodeMeaning): AccessEvent['privilege'] {
  if (change === undefined) return undefined;
  if (about === 'right') {
    const right = data['privilegelist'] ?? data['accessgranted'] ?? data['accessremoved'];
    return right === undefined ? undefined : { change, entitlement: `windows:right:${right.replace(/\s+/g, ' ')}`, jit: false };
  }
  const group = data['targetusername'];
  if (roles !== 'on_member' || group === undefined) return undefined;
  const domain = data['targetdomainname']?.toLowerCase();
  const host = computer === undefined ? undefined : shortHost(computer);
  const isLocal = host !== undefined && (domain === 'builtin' || domain === host);
  const id = data['targetsid'];
  return {
    change,
    entitlement: `windows:group:${isLocal ? `${group}@${host}` : group}`,
    ...(id !== undefined && { entitlementId: id }),
    jit: false,
  };
}

/** Failed when the audit says so, when Windows writes the event of failures only, or when its status is one. */
function outcomeOf({ audit, data, id }: WinEvent, { failed, as }: CodeMeaning): AccessEvent['outcome'] {
  if (failed || audit === 'failure') return 'failure';
  const status = statusNumber(data['status']);
  const isProof = as.class === 'authentication' || id === 4794;
  return isProof && status !== undefined && status !== 0 && id !== 4624 ? 'failure' : 'success';
}

function eventOf(event: WinEvent, meaning: CodeMeaning, time: number): AccessEvent {
  const { id, data, recordId, key } = event;
  const outcome = outcomeOf(event, meaning);
  const { actor, target } = partiesOf(event, meaning);
  const isSelf = target !== undefined && actor !== undefined && target.name === actor.name;
  const isProof = meaning.as.class === 'authentication' && meaning.as.activity !== 'logoff';
  const detail =
    id === 4672
      ? data['privilegelist']
      : id === 4781
        ? `${data['oldtargetusername'] ?? ''} to ${data['newtargetusername'] ?? ''}`
        : id === 4719 || id === 4912
          ? data['auditpolicychanges']
          : data['failurereason'];
  const changedAccount = target ?? actor;
  const result: AccessEvent = {
    uid: eventUid('windows', key),
    nativeId: recordId ?? key,
    source: 'windows',
    time,
    class: meaning.as.class,
    activity: meaning.as.activity,
    code: String(id),
    outcome,
    detail: detail === undefined ? undefined : detail.replace(/\s+/g, ' ').slice(0, 1_000),
    actor,
    target: isSelf ? undefined : target,
    src: originOf(event),
    device: defined({ name: data['workstationname'] === '-' ? undefined : data['workstationname']?.toLowerCase() }),
    session: sessionOf(event, meaning, outcome),
    auth: isProof ? proofOf(event, meaning, outcome) : undefined,
    resource: resourceOf(event, meaning),
    privilege: outcome === 'success' ? privilegeOf(event, meaning) : undefined,
    // A domain's people keep their own passwords; one of a machine may be in a vault, whose copy is wrong from now on.
    credential:
      meaning.act !== undefined && outcome === 'success' && changedAccount?.name.includes('@') === true
        ? { act: meaning.act, account: changedAccount.name }
        : undefined,
    command: id === 4688 ? (data['commandline'] ?? data['processcommandline'] ?? data['newprocessname']) : undefined,
    vendorRisk: id === 4649 ? { detections: ['replay_attack'] } : undefined,
  };
  return defined(result) ?? result;
}

/** The rights of a domain controller to copy the directory, passwords' hashes included. */
const REPLICATION = /1131f6a[ade]-9c07-11d1-f79f-00c04fc2dcd2|89e95b76-444d-4c62-991a-0facbeda640c/i;

/** Object access is noise, but for one: whoever is no machine and copies the directory reads everybody's password. */
const copiesDirectory = ({ id, data }: WinEvent): boolean => id === 4662 && REPLICATION.test(data['properties'] ?? '');

function parse(value: unknown): ParseResult {
  if (!isObject(value)) return rejected('not_an_object', 'a record is a JSON object');
  const event = winEventOf(value);
  if (!event) return rejected('unknown_shape', 'EventID: expected the number of a Windows event');
  const known = meaningOf(event.id, event.source);
  const meaning = 'ignore' in known && known.ignore === 'object_access' && copiesDirectory(event) ? DIRECTORY_COPIED : known;
  if ('ignore' in meaning) return ignored(meaning.ignore);
  if (event.time === undefined) return rejected('bad_time', 'TimeCreated: no readable time');
  const found = eventOf(event, meaning, event.time);
  // Machines start processes by the thousand; a person's are his commands.
  const isMachine = found.actor === undefined || found.actor.kind === 'system' || found.actor.kind === 'service';
  if (isMachine && meaning === DIRECTORY_COPIED) return ignored('object_access');
  return event.id === 4688 && isMachine ? ignored('background_process') : kept(found);
}

function readLine(line: string, receivedAt?: number): unknown {
  const events = xmlEvents(line);
  if (events.length > 0) return events.length === 1 ? events[0] : events;
  const splunk = readSplunk(line);
  if (splunk) return splunk;
  const { header, body } = readSyslog(line, receivedAt);
  const brace = body.indexOf('{');
  if (brace >= 0 && brace < 200 && !body.includes('MSWinEventLog')) {
    try {
      const inside: unknown = JSON.parse(body.slice(brace));
      if (isObject(inside) && winEventOf(inside)) return inside;
    } catch {
      return undefined;
    }
  }
  return readSnare(body, header, receivedAt) ?? readWinCollect(body, header);
}

/** Shippers put the XML into a member of their own record. */
function unwrapOne(value: JsonObject): readonly unknown[] {
  if (isObject(value['winlog']) && isObject(value['winlog']['event_data'])) return [value];
  if (isObject(value['Events']) || isObject(value['_source'])) {
    const inner = isObject(value['Events']) ? value['Events']['Event'] : value['_source'];
    return (Array.isArray(inner) ? list(inner) : [inner]).map((one) => (isObject(one) && isObject(one['System']) ? { Event: one } : one));
  }
  for (const member of [
    value['message'],
    value['Message'],
    isObject(value['event']) ? value['event']['original'] : undefined,
    value['RenderedXml'],
    value['xml'],
    value['RawXml'],
    isObject(value['properties']) ? value['properties']['RawXml'] : undefined,
    value['_raw'],
  ]) {
    if (typeof member !== 'string' || !member.includes('<Event')) continue;
    const events = xmlEvents(member);
    if (events.length > 0) return events;
  }
  // An export of Splunk has the fields that it found beside the event itself, but not always its time.
  const raw = typeof value['_raw'] === 'string' ? readSplunk(value['_raw']) : undefined;
  return [raw ?? value];
}

function unwrap(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(unwrap);
  if (!isObject(value)) return [value];
  const records = value['records'] ?? value['Records'] ?? value['events'] ?? value['value'];
  return Array.isArray(records) ? records.flatMap(unwrap) : unwrapOne(value);
}

/** Windows event logs: Security, terminal services, and what System says of services and cleared logs. */
export const windows: Source = {
  id: 'windows',
  product: { vendor: 'Microsoft', name: 'Windows' },
  readLine,
  endOfRecord: (line) => {
    if (/<Events[\s>]|^<\?xml(?!.*<Event)/.test(line)) return line.includes('</Events>') ? undefined : '</Events>';
    return /<Event[\s>]/.test(line) && !line.includes('</Event>') ? '</Event>' : undefined;
  },
  continuation: splunkContinuation,
  envelopeKeys: ['records', 'Records'],
  unwrap,
  parse,
};
