import { deterministicUid, eventUid, ignored, kept, rejected, type AccessEvent, type Outcome, type ParseResult } from '@keyward/events';
import { sameAccount } from '../account-name.js';
import { parseInstant } from '../instant.js';
import { at, firstText, isObject, list, text, type JsonObject } from '../json.js';
import type { Source } from '../source.js';
import { spellingOf, undotted } from '../spelling.js';
import { readLogLine } from '../syslog/line.js';
import { classify } from './classify.js';
import { credentialOf, privilegeOf, resourceOf } from './grant.js';
import { actorOf, EVENT_HOOK, known, logEvent, targetOf, type LogEvent } from './log-event.js';
import type { OktaMapping } from './mapping.js';
import { clientDevice, originOf, vendorRiskOf } from './origin.js';
import { proofOf } from './proof.js';
import { oktaPush } from './push.js';
import { fromSentinelRow } from './sentinel-row.js';

/**
 * `outcome.result` as success or failure. `ALLOW` is success; `DENY`, `RATE_LIMIT`, `UNANSWERED`, `ABANDONED` are failures. `CHALLENGE` (one more
 * factor is asked for) and `SKIPPED` (nothing was done) give nobody anything: failures, told apart by `auth.failure: interrupted`.
 * `SCHEDULED` and `DEFERRED` were accepted: success. Where Okta says `UNKNOWN` or nothing, the event's own name decides.
 */
function outcomeOf(event: LogEvent, mapping: OktaMapping): Outcome {
  if (mapping.outcome) return mapping.outcome;
  const result = firstText(at(event.record, 'outcome', 'result'), event.record['outcome'])?.toUpperCase();
  switch (result) {
    case 'SUCCESS':
    case 'ALLOW':
    case 'ALLOWED':
    case 'SCHEDULED':
    case 'DEFERRED':
      return 'success';
    case 'FAILURE':
    case 'FAILED':
    case 'DENY':
    case 'DENIED':
    case 'CHALLENGE':
    case 'SKIPPED':
    case 'RATE_LIMIT':
    case 'UNANSWERED':
    case 'ABANDONED':
      return 'failure';
    default: {
      const names = `${event.type} ${text(event.record['legacyEventType']) ?? ''}`;
      return /fail|error|den(?:y|ied)|reject|not_found|invalid|violation|blocked/i.test(names) ? 'failure' : 'success';
    }
  }
}

function eventOf(event: LogEvent, mapping: OktaMapping, time: number): AccessEvent {
  const { record } = event;
  const nativeId = text(record['uuid']) ?? deterministicUid(JSON.stringify(record));
  const outcome = outcomeOf(event, mapping);
  const actor = actorOf(event);
  const beneficiary = targetOf(event);
  const target = beneficiary && actor && sameAccount(actor, beneficiary) ? undefined : beneficiary;
  const src = originOf(event);
  const device = clientDevice(event);
  const sessionUid =
    known(at(record, 'authenticationContext', 'externalSessionId')) ?? known(at(record, 'authenticationContext', 'rootSessionId'));
  const tokenId = known(at(record, 'transaction', 'detail', 'requestApiTokenId'));
  const signsIn = mapping.class === 'authentication' || mapping.class === 'authorize_session';
  const auth = signsIn && mapping.activity !== 'logoff' ? proofOf(event, mapping, outcome, actor) : undefined;
  // A rotation that is deferred has changed nothing yet.
  const done = outcome === 'success' && text(at(record, 'outcome', 'result'))?.toUpperCase() !== 'DEFERRED';
  const resource = resourceOf(event, mapping.resource);
  const privilege = privilegeOf(event, mapping.privilege, actor, beneficiary);
  const credential = done ? credentialOf(event, mapping.credential) : undefined;
  const vendorRisk = vendorRiskOf(event, mapping.detection);
  const detail = known(at(record, 'outcome', 'reason')) ?? known(record['displayMessage']);
  return {
    uid: eventUid('okta', nativeId),
    nativeId,
    source: 'okta',
    time,
    class: mapping.class,
    activity: mapping.activity,
    code: event.type,
    outcome,
    ...(detail && { detail: detail.replace(/\s+/g, ' ') }),
    ...(actor && { actor }),
    ...(target && { target }),
    ...(src && { src }),
    ...(device && { device }),
    ...(sessionUid && {
      session: {
        uid: sessionUid,
        ...(tokenId && { tokenId }),
        kind: event.type.startsWith('pam.') ? ('privileged' as const) : ('sign_in' as const),
      },
    }),
    ...(auth && { auth }),
    ...(resource && { resource }),
    ...(privilege && { privilege }),
    ...(credential && { credential }),
    ...(vendorRisk && { vendorRisk }),
  };
}

function parse(record: unknown): ParseResult {
  if (!isObject(record)) return rejected('not_an_object', 'a System Log event is a JSON object');
  const event = logEvent(record);
  if (!event && text(record['verification']) !== undefined && record['eventType'] === undefined) return ignored('verification');
  if (!event) return rejected('unknown_shape', 'eventType: expected the name of a System Log event');
  const time = parseInstant(record['published']);
  if (time === undefined) return rejected('bad_time', 'published: expected an ISO 8601 instant');
  const classified = classify(event.type);
  return 'ignored' in classified ? ignored(classified.ignored) : kept(eventOf(event, classified.mapping, time));
}

/** Members under which EventBridge, HTTP collectors and log shippers put the event, as an object or as JSON in text. */
const WRAPPERS = ['detail', 'event', 'logEvent', 'json', 'okta', 'message', '_raw'] as const;

/** Members of a System Log event that are more than one word. */
const vendorsSpelling = spellingOf([
  ...['eventType', 'legacyEventType', 'displayMessage', 'alternateId', 'displayName', 'detailEntry', 'ipAddress', 'userAgent'],
  ...['rawUserAgent', 'geographicalContext', 'postalCode', 'ipChain', 'debugContext', 'debugData', 'securityContext', 'asNumber'],
  ...['asOrg', 'isProxy', 'authenticationContext', 'authenticationProvider', 'authenticationStep', 'credentialProvider'],
  ...['credentialType', 'externalSessionId', 'rootSessionId', 'requestApiTokenId', 'deviceFingerprint', 'dtHash', 'requestUri'],
  ...['threatSuspected', 'threatDetections', 'logOnlySecurityData', 'riskLevel', 'signOnMode', 'signOnModeType', 'clientAuthType'],
  ...['grantedScopes', 'privilegeGranted', 'privilegeRevoked', 'pushOnlyResponseType', 'factorResult', 'serverHostnames'],
]);

/** The event inside one element of a list: plain, or wrapped. */
function bare(written: unknown): unknown {
  if (!isObject(written)) return written;
  const value = undotted(written);
  if (text(value['published']) !== undefined)
    return value['eventType'] === undefined && (value['eventtype'] ?? value['event_type']) !== undefined
      ? (vendorsSpelling(value) ?? value)
      : value;
  const row = fromSentinelRow(value);
  if (row) return row;
  for (const wrapper of WRAPPERS) {
    const inner = value[wrapper];
    const found = typeof inner === 'string' && inner.startsWith('{') ? jsonObject(inner) : inner;
    if (isObject(found) && text(found['eventType']) !== undefined) return found;
  }
  return value;
}

function jsonObject(written: string): unknown {
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** A collector that forwards events as syslog puts them behind a header. */
function readLine(line: string, receivedAt?: number): unknown {
  const { body } = readLogLine(line, receivedAt);
  return body.form === 'json' ? body.value : undefined;
}

function unwrap(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(unwrap);
  if (!isObject(value)) return [value];
  const events = eventList(value);
  return events ? events.map(bare) : [bare(value)];
}

/** Event hook: `{ eventType: 'com.okta.event_hook', data: { events: [...] } }`; some collectors send `{ events: [...] }`. */
function eventList(value: JsonObject): readonly unknown[] | undefined {
  const inHook = at(value, 'data', 'events');
  if (Array.isArray(inHook)) return list(inHook);
  if (text(value['published']) !== undefined && value['eventType'] !== EVENT_HOOK) return undefined;
  const events = value['events'];
  return Array.isArray(events) ? list(events) : undefined;
}

/** Okta System Log: the Logs API, event hooks, and log streams to EventBridge or an HTTP collector. */
export const okta: Source = {
  id: 'okta',
  product: { vendor: 'Okta', name: 'Okta' },
  envelopeKeys: ['events'],
  push: oktaPush,
  readLine,
  unwrap,
  parse,
};
