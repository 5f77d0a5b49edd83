import {
  deterministicUid,
  eventUid,
  ignored,
  kept,
  rejected,
  type AccessEvent,
  type Authentication,
  type ParseResult,
  type Resource,
} from '@keyward/events';
import { parseIp } from '../address.js';
import { parseInstant } from '../instant.js';
import { at, defined, firstText, flag, isObject, list, object, objects, text, type JsonObject } from '../json.js';
import type { Source } from '../source.js';
import { deviceOf } from '../user-agent.js';
import { classify } from './classify.js';
import { recordOfRow } from './columns.js';
import type { Operation } from './operations.js';
import { actorOf, lastOfArn, targetOf } from './principal.js';
import { cloudtrailPush } from './push.js';

/** A call failed when AWS gives an error, or when a sign-in's own result says so. */
function outcomeOf(event: JsonObject, name: string): AccessEvent['outcome'] {
  if (firstText(event['errorCode'], event['errorMessage']) !== undefined) return 'failure';
  for (const result of [
    at(event, 'responseElements', name),
    at(event, 'serviceEventDetails', name),
    at(event, 'additionalEventData', 'loginResult'),
  ]) {
    if (typeof result === 'string' && /fail|denied|error|reject/i.test(result)) return 'failure';
  }
  return 'success';
}

function failureOf(event: JsonObject, mfa: boolean | undefined): NonNullable<Authentication['failure']> {
  const words = `${text(event['errorCode']) ?? ''} ${text(event['errorMessage']) ?? ''}`.toLowerCase();
  if (words.includes('no username found') || words.includes('user does not exist') || words.includes('usernotfound')) return 'unknown_user';
  if (words.includes('failed authentication') || words.includes('notauthorizedexception') || words.includes('incorrect'))
    return mfa === true ? 'bad_factor' : 'bad_password';
  if (words.includes('mfa') || words.includes('codemismatch')) return 'bad_factor';
  if (words.includes('expired')) return 'expired';
  if (words.includes('disabled')) return 'disabled';
  if (words.includes('locked') || words.includes('too many')) return 'locked';
  if (words.includes('denied') || words.includes('not authorized') || words.includes('unauthorized')) return 'policy';
  return words.trim() === '' ? (mfa === true ? 'bad_factor' : 'bad_password') : 'other';
}

function mfaOf(event: JsonObject): boolean | undefined {
  const used = text(at(event, 'additionalEventData', 'MFAUsed')) ?? text(at(event, 'additionalEventData', 'MfaUsed'));
  return (
    (used === undefined ? undefined : flag(used)) ?? flag(at(event, 'userIdentity', 'sessionContext', 'attributes', 'mfaAuthenticated'))
  );
}

/** How Identity Center names what was shown. */
const CREDENTIALS: ReadonlyMap<string, Authentication> = new Map(
  Object.entries<Authentication>({
    PASSWORD: { method: 'password', step: 'primary' },
    TOTP: { method: 'totp', step: 'second_factor', mfa: true },
    WEBAUTHN: { method: 'fido2', step: 'second_factor', mfa: true },
    FIDO: { method: 'fido2', step: 'second_factor', mfa: true },
    EMAIL_OTP: { method: 'email', step: 'second_factor', mfa: true },
    RESYNC_TOTP: { method: 'totp', step: 'second_factor', mfa: true },
    EXTERNAL_IDP: { method: 'federated', step: 'primary' },
  }),
);

function proofOf(event: JsonObject, operation: Operation, outcome: AccessEvent['outcome']): Authentication | undefined {
  const mfa = mfaOf(event);
  const shown = CREDENTIALS.get(text(at(event, 'additionalEventData', 'CredentialType'))?.toUpperCase() ?? '');
  const login = text(at(event, 'additionalEventData', 'LoginTo'));
  const service = serviceOf(event);
  return defined<Authentication>({
    ...operation.auth,
    mfa,
    interactive: service === 'signin' ? true : undefined,
    application: login === undefined ? (service === 'signin' ? 'AWS console' : service) : 'AWS console',
    ...shown,
    failure: outcome === 'failure' ? failureOf(event, mfa ?? shown?.mfa) : undefined,
  });
}

const serviceOf = (event: JsonObject): string =>
  (text(event['eventSource']) ?? '').toLowerCase().replace(/\.amazon(?:aws)?\.com(?:\.cn)?$/, '');

/** `AWS Internal`, or a service's domain name where a service calls. */
function originOf(event: JsonObject): AccessEvent['src'] {
  const written = text(event['sourceIPAddress']);
  if (written === undefined) return undefined;
  const ip = parseIp(written);
  if (ip !== undefined) return { ip };
  return /^[a-z\d.-]+\.[a-z]{2,}$/i.test(written) ? { hostname: written.toLowerCase() } : undefined;
}

/** A session of temporary credentials: who holds them, and since when. */
function sessionOf(event: JsonObject, operation: Operation, outcome: AccessEvent['outcome']): AccessEvent['session'] {
  if (operation.privileged) {
    const uid = firstText(at(event, 'responseElements', 'sessionId'), at(event, 'requestParameters', 'sessionId'));
    return uid === undefined || outcome === 'failure' ? undefined : { uid, kind: 'privileged' };
  }
  const identity = object(event['userIdentity']);
  const since = text(at(identity, 'sessionContext', 'attributes', 'creationDate'));
  const principal = text(identity['principalId']);
  const tokenId = text(identity['accessKeyId']);
  const portal = text(at(event, 'additionalEventData', 'AuthWorkflowID'));
  if (portal !== undefined) return { uid: portal, kind: 'sign_in' };
  return since === undefined || principal === undefined
    ? undefined
    : { uid: `${principal}/${since}`, ...(tokenId !== undefined && { tokenId }), kind: 'sign_in' };
}

/** The value of a parameter that may be a text, a list of texts, or a list of objects with an id. */
function valueOf(value: unknown): string | undefined {
  const first = Array.isArray(value) ? list(value)[0] : value;
  return firstText(first, at(first, 'instanceId'), list(at(first, 'values'))[0]);
}

function firstOf(parameters: JsonObject, names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = valueOf(parameters[name]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function resourceOf(event: JsonObject, operation: Operation): Resource {
  const parameters = object(event['requestParameters']);
  const named = operation.resource?.named ?? [];
  // Sign-in and portal events are made by no call, so they have no parameters.
  const written =
    firstOf(parameters, named) ??
    firstOf(object(event['serviceEventDetails']), named) ??
    firstOf(object(event['additionalEventData']), named);
  const arn = firstText(objects(event['resources'])[0]?.['ARN'], objects(event['resources'])[0]?.['arn']);
  if (operation.resource && written !== undefined) {
    // A secret's own path is its name: only a role, policy or group is known by the last part of its ARN.
    const isSecret = operation.resource.kind === 'secret';
    const name = (isSecret ? written.replace(/^arn:[^:]*:secretsmanager:[^:]*:[^:]*:secret:/, '') : lastOfArn(written)) || written;
    return {
      kind: operation.resource.kind,
      name,
      ...(written.startsWith('arn:') && { id: written }),
      ...(operation.resource.kind === 'host' && { host: name.toLowerCase() }),
    };
  }
  if (operation.resource && arn !== undefined) return { kind: operation.resource.kind, name: lastOfArn(arn) || arn, id: arn };
  return { kind: 'api', name: serviceOf(event) || 'aws' };
}

function privilegeOf(event: JsonObject, { gives }: Operation): AccessEvent['privilege'] {
  const name = gives && firstOf(object(event['requestParameters']), gives.named);
  if (!gives || name === undefined) return undefined;
  return {
    change: gives.change,
    entitlement: `cloudtrail:${gives.kind}:${lastOfArn(name)}`,
    ...(name.startsWith('arn:') && { entitlementId: name }),
    jit: false,
  };
}

function commandOf(event: JsonObject): string | undefined {
  const parameters = object(event['requestParameters']);
  const commands = list(at(parameters, 'parameters', 'commands')).filter((one): one is string => typeof one === 'string');
  return commands.length > 0 ? commands.join('\n') : text(parameters['documentName']);
}

function eventOf(event: JsonObject, operation: Operation, name: string, time: number): AccessEvent {
  const nativeId = firstText(event['eventID'], event['eventId']) ?? deterministicUid(JSON.stringify(event));
  const outcome = outcomeOf(event, name);
  const parameters = object(event['requestParameters']);
  const caller = actorOf(event);
  const named = targetOf(parameters, operation.target);
  // A pool's own people call for themselves, without credentials of AWS.
  const isSelf = named !== undefined && (caller?.name === named.name || (caller === undefined && operation.class === 'authentication'));
  const actor = caller ?? (isSelf ? named : undefined);
  const target = isSelf ? undefined : named;
  const resource = resourceOf(event, operation);
  const userAgent = text(event['userAgent']);
  const changed = target ?? actor;
  const credentialOf = (): AccessEvent['credential'] => {
    if (operation.act === undefined || outcome === 'failure') return undefined;
    if (resource.kind === 'secret')
      return { act: operation.act, account: resource.name.toLowerCase(), vault: 'secretsmanager', secretId: resource.id ?? resource.name };
    return changed && { act: operation.act, account: changed.name };
  };
  const result: AccessEvent = {
    uid: eventUid('cloudtrail', nativeId),
    nativeId,
    source: 'cloudtrail',
    time,
    class: operation.class,
    activity: operation.activity,
    code: name,
    outcome,
    detail: firstText(event['errorMessage'], event['errorCode'])?.replace(/\s+/g, ' ').slice(0, 1_000),
    actor,
    target,
    src: originOf(event),
    device: userAgent === undefined || /^[a-z\d.-]+\.amazonaws\.com$|^AWS Internal$/i.test(userAgent) ? undefined : deviceOf(userAgent),
    session: sessionOf(event, operation, outcome),
    auth: operation.class === 'authentication' && operation.activity !== 'logoff' ? proofOf(event, operation, outcome) : undefined,
    resource,
    privilege: outcome === 'success' ? privilegeOf(event, operation) : undefined,
    credential: credentialOf(),
    command: operation.class === 'process_activity' ? commandOf(event) : undefined,
  };
  return defined(result) ?? result;
}

function parse(written: unknown): ParseResult {
  if (!isObject(written)) return rejected('not_an_object', 'a CloudTrail record is a JSON object');
  const value = recordOfRow(written);
  if (value['digestEndTime'] !== undefined || value['digestS3Object'] !== undefined) return ignored('digest');
  const name = text(value['eventName']);
  const type = text(value['eventType']);
  const category = text(value['eventCategory']);
  if (name === undefined) {
    const isInsight = category === 'Insight' || type === 'AwsCloudTrailInsight' || value['insightDetails'] !== undefined;
    return isInsight ? ignored('insight') : rejected('unknown_shape', 'eventName: expected the name of an API call');
  }
  const identity = object(value['userIdentity']);
  const operation = classify({
    service: serviceOf(value),
    name,
    readOnly: flag(value['readOnly']),
    category,
    type,
    errorCode: firstText(value['errorCode'], value['errorMessage']),
    byService: identity['type'] === 'AWSService' || text(identity['invokedBy']) !== undefined,
  });
  if ('ignored' in operation) return ignored(operation.ignored);
  const time = parseInstant(value['eventTime']);
  if (time === undefined) return rejected('bad_time', 'eventTime: expected an ISO 8601 instant');
  return kept(eventOf(value, operation, name, time));
}

function fromText(written: unknown): unknown {
  if (typeof written !== 'string' || !written.startsWith('{')) return undefined;
  try {
    return JSON.parse(written);
  } catch {
    return undefined;
  }
}

/** S3 objects (`Records`), EventBridge (`detail`), CloudWatch Logs (`logEvents`), `LookupEvents` and shippers that keep the record as text. */
function unwrap(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(unwrap);
  if (!isObject(value) || value['eventName'] !== undefined || value['userIdentity'] !== undefined) return [value];
  for (const key of ['Records', 'records', 'logEvents', 'Events', 'events']) {
    const inside = value[key];
    if (Array.isArray(inside)) return inside.flatMap(unwrap);
  }
  if (isObject(value['detail'])) return [value['detail']];
  const inside =
    fromText(value['CloudTrailEvent']) ??
    fromText(value['message']) ??
    // SNS
    fromText(value['Message']) ??
    fromText(at(value, 'event', 'original')) ??
    fromText(value['eventData']);
  if (inside !== undefined) return unwrap(inside);
  return [isObject(value['eventData']) ? value['eventData'] : value];
}

/** AWS CloudTrail: management events of identities, rights, secrets and sessions; of other services what changes something or was denied. */
export const cloudtrail: Source = {
  id: 'cloudtrail',
  product: { vendor: 'AWS', name: 'CloudTrail' },
  envelopeKeys: ['Records'],
  push: cloudtrailPush,
  unwrap,
  parse,
};
