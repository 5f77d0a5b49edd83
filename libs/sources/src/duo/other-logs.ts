import { object, objects, text, type JsonObject } from '../json.js';
import { authenticationEvent } from './authentication-log.js';
import { account, known, type EventParts } from './fields.js';

/** A message or call that carried a passcode or asked for approval. It names no user: `txid` is the sign-in it belongs to. */
export function telephonyEvent(record: JsonObject): EventParts {
  const context = known(record['context']) ?? 'telephony';
  const type = known(record['type']) ?? '';
  const phone = known(record['phone']);
  const method = type === 'phone' ? 'voice' : type || undefined;
  const txid = known(record['txid']);
  return {
    class: 'authentication',
    activity: 'preauth',
    code: 'telephony',
    outcome: 'success',
    detail: `${type || 'message'} for ${context}`,
    ...(phone && { device: { name: phone } }),
    ...(txid && { session: { uid: txid, kind: 'sign_in' as const } }),
    auth: { step: 'second_factor', mfa: true, factorResult: 'challenged', ...(method && { method }) },
  };
}

/** What Trust Monitor surfaced. The sign-in itself is in the authentication log: this says what was odd about it. */
export function trustMonitorEvent(record: JsonObject): EventParts {
  const type = known(record['type']) ?? 'trust_monitor';
  const detections = objects(record['explanations'])
    .slice(0, 20)
    .flatMap((one) => text(one['type']) ?? []);
  const vendorRisk = {
    level: record['priority_event'] === true ? ('high' as const) : ('medium' as const),
    detections: [...detections, `trust_monitor_${type}`],
  };
  if (type === 'bypass_status') {
    const by = object(record['enabled_by']);
    const about = object(record['enabled_for']);
    const actor = account(by['name'], by['key']);
    const target = account(about['name'], about['key']);
    return {
      class: 'account_change',
      activity: 'mfa_factor_disable',
      code: type,
      outcome: 'success',
      ...(actor && { actor }),
      ...(target && { target }),
      vendorRisk,
    };
  }
  if (type === 'auth')
    return { ...authenticationEvent(object(record['surfaced_auth'])), class: 'authentication', activity: 'other', code: type, vendorRisk };
  const about = object(record['surfaced_user'] ?? record['user']);
  const actor = account(about['name'], about['key']);
  return {
    class: 'account_change',
    activity: type === 'device_registration' ? 'mfa_factor_enable' : 'other',
    code: type,
    outcome: 'success',
    ...(actor && { actor }),
    vendorRisk,
  };
}
