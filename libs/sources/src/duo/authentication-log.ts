import type { AccessEvent, Outcome, Resource } from '@keyward/events';
import { at, defined, list, object, text, type JsonObject } from '../json.js';
import { account, deviceOf, known, originOf, type EventParts } from './fields.js';
import { secondFactor } from './proof.js';

/** One record of the authentication log, v1 and v2. */
export function authenticationEvent(record: JsonObject): EventParts {
  const access = object(record['access_device']);
  const code = (known(record['event_type']) ?? (record['new_enrollment'] === true ? 'enrollment' : 'authentication')).toLowerCase();
  const result = (text(record['result']) ?? '').toLowerCase();
  // Only the word itself: `denied`, `failure`, `fraud`, `error` and words to come let nobody in.
  const outcome: Outcome = result === 'success' || result === 'allow' || result === 'allowed' ? 'success' : 'failure';
  const reason = known(record['reason']) ?? '';
  const user = object(record['user']);
  const actor = account(user['name'] ?? record['username'], user['key'], record['email']);
  const src = originOf(access, record['ip'], record['location']);
  const device = deviceOf(access, record['trusted_endpoint_status']);
  const resource = applicationOf(record);
  const vendorRisk = riskOf(record, result, reason);
  const enrols = code === 'enrollment';
  const auth = secondFactor(known(record['factor']), reason, outcome === 'success');
  return {
    ...(enrols
      ? { class: 'account_change' as const, activity: 'mfa_factor_enable' }
      : { class: 'authentication' as const, activity: 'logon', auth: { ...auth, ...(resource && { application: resource.name }) } }),
    code,
    outcome,
    ...(reason && { detail: reason }),
    ...(actor && { actor }),
    ...(src && { src: /anonymous_ip/.test(reason) ? { ...src, networkKind: 'vpn' as const } : src }),
    ...(device && { device }),
    ...(resource && { resource }),
    ...(vendorRisk && { vendorRisk }),
  };
}

function applicationOf(record: JsonObject): Resource | undefined {
  const application = object(record['application']);
  const name = known(application['name']) ?? known(record['integration']) ?? known(application['key']);
  const id = known(application['key']) ?? known(record['ikey']);
  return name === undefined ? undefined : { kind: 'application', name, ...(id && { id }) };
}

/** A push that was marked as fraud, and what risk-based authentication found. */
function riskOf(record: JsonObject, result: string, reason: string): AccessEvent['vendorRisk'] {
  const assessments = Object.entries(object(record['adaptive_trust_assessments'])).slice(0, 10);
  const detections: string[] = [];
  if (result === 'fraud' || /fraud/.test(reason)) detections.push('user_marked_fraud');
  let low = false;
  for (const [, assessment] of assessments) {
    low ||= text(at(assessment, 'trust_level'))?.toUpperCase() === 'LOW';
    for (const detector of list(at(assessment, 'detected_attack_detectors')).slice(0, 10)) {
      const name = text(detector);
      if (name !== undefined) detections.push(name);
    }
  }
  const level = detections.length > 0 ? 'high' : low ? 'medium' : undefined;
  return defined<NonNullable<AccessEvent['vendorRisk']>>({ ...(level && { level }), ...(detections.length > 0 && { detections }) });
}

const SUCCEEDED = /^(?:success|allow|allowed|accept|approved)\b/i;

/** One line of the Authentication Proxy's `authevents.log`. */
export function proxyEvent(record: JsonObject): EventParts {
  const stage = text(record['auth_stage']) ?? '';
  const outcome: Outcome = SUCCEEDED.test(text(record['status']) ?? '') ? 'success' : 'failure';
  const second = /second/i.test(stage);
  const message = known(record['msg']) ?? '';
  const actor = account(record['username']);
  const src = originOf({}, record['client_ip'], undefined);
  const section = known(record['server_section']);
  const id = known(record['server_section_ikey']);
  const factor = secondFactor(known(record['factor']), message, outcome === 'success');
  return {
    class: 'authentication',
    activity: 'logon',
    code: stage,
    outcome,
    ...(message && { detail: message }),
    ...(actor && { actor }),
    ...(src && { src }),
    auth: second
      ? { ...factor, ...(section && { application: section }) }
      : {
          step: 'primary',
          method: 'password',
          ...(section && { application: section }),
          ...(outcome === 'failure' && { failure: 'bad_password' as const }),
        },
    ...(section && { resource: { kind: 'application' as const, name: section, ...(id && { id }) } }),
  };
}
