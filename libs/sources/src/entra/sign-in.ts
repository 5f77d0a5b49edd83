import type { AccessEvent, Account, Authentication, Outcome } from '@keyward/events';
import { defined, firstText, flag, list, number, object, objects, text, type JsonObject } from '../json.js';
import { meaningOf } from './error-codes.js';
import { deviceOfSignIn, originOf, riskOf } from './origin.js';
import { service, user } from './principal.js';
import type { EntraRecord } from './record.js';
import { nested } from './shape.js';

type Body = Omit<AccessEvent, 'uid' | 'nativeId' | 'source' | 'time'>;
type Kind = 'user' | 'non_interactive' | 'service_principal' | 'managed_identity';

function kindOf({ category, body }: EntraRecord): Kind {
  const types = `${category} ${list(nested(body['signInEventTypes'])).join(' ')} ${text(body['signInEventTypes']) ?? ''}`;
  if (/managedidentity/i.test(types)) return 'managed_identity';
  if (/serviceprincipal/i.test(types)) return 'service_principal';
  if (/noninteractive/i.test(types)) return 'non_interactive';
  const hasUser = firstText(body['userPrincipalName'], body['userId'], body['userDisplayName']) !== undefined;
  if (!hasUser && firstText(body['servicePrincipalId'], body['servicePrincipalName']) !== undefined) return 'service_principal';
  return 'user';
}

/** Microsoft's names of authentication methods, by what they contain; first match wins. */
const METHODS: readonly (readonly [RegExp, string])[] = [
  [/previously satisfied|primary refresh|session/i, 'token'],
  [/fido|passkey|security key/i, 'fido2'],
  [/windows hello|platform credential/i, 'windows_hello'],
  [/x\.?509|certificate|smart ?card/i, 'certificate'],
  [/temporary access pass/i, 'temporary_access_pass'],
  [/oath|verification code|authenticator app code|phoneappotp|software (?:one|token)|hardware (?:one|token)|totp|otp/i, 'totp'],
  [/notification|authenticator|phone sign-?in|mobile app|phoneapp/i, 'push'],
  [/sms|text message/i, 'sms'],
  [/phone call|voice|call/i, 'voice'],
  [/email/i, 'email'],
  [/federat|ws-?fed|saml|external|idp/i, 'federated'],
  [/kerberos|seamless|integrated/i, 'kerberos'],
  [/password|pass-?through/i, 'password'],
  [/secret|assertion/i, 'key'],
];
const methodNamed = (name: string | undefined): string | undefined =>
  name === undefined ? undefined : (METHODS.find(([pattern]) => pattern.test(name))?.[1] ?? undefined);

interface Steps {
  readonly method: string | undefined;
  readonly details: string;
  readonly secondFactor: boolean;
}

/** `authenticationDetails`: one entry a step. The last factor that is no password tells how the user proved himself. */
function stepsOf(body: JsonObject): Steps {
  const entries = objects(nested(body['authenticationDetails']));
  const methods = entries.map((one) => methodNamed(text(one['authenticationMethod'])));
  const strong = methods.filter((one) => one !== undefined && one !== 'password' && one !== 'token');
  const mfa = object(nested(body['mfaDetail']));
  const used = methodNamed(text(mfa['authMethod'])) ?? methodNamed(text(body['authenticationMethodsUsed']));
  return {
    method: strong.at(-1) ?? used ?? methods.find((one) => one !== undefined),
    details: [
      ...entries.map((one) => text(one['authenticationStepResultDetail']) ?? ''),
      text(object(nested(body['status']))['additionalDetails']) ?? '',
    ]
      .join('; ')
      .toLowerCase(),
    secondFactor: strong.length > 0 || text(mfa['authMethod']) !== undefined,
  };
}

/** Code 0 is success and nothing else is. Without a code the words of the envelope decide. */
function outcomeOf(record: EntraRecord): { readonly outcome: Outcome; readonly code: number; readonly reason: string } {
  const status = object(nested(record.body['status']));
  const code = number(status['errorCode']) ?? number(record.body['errorCode']) ?? number(record.resultType);
  const reason =
    firstText(status['failureReason'], record.resultDescription, record.body['failureReason'], status['additionalDetails']) ?? '';
  if (code !== undefined) return { outcome: code === 0 ? 'success' : 'failure', code, reason };
  if (/^succe(?:ss|eded)$/i.test(record.resultType ?? '')) return { outcome: 'success', code: 0, reason };
  const words = `${record.resultType ?? ''} ${text(record.body['resultSignature']) ?? ''} ${text(record.body['result']) ?? ''}`;
  const failed = /fail|error|denied|interrupted/i.test(words) || (reason !== '' && !/^other\.?$/i.test(reason));
  return { outcome: failed ? 'failure' : 'success', code: failed ? -1 : 0, reason };
}

function factorResult(outcome: Outcome, code: number, steps: Steps, step: Authentication['step']): Authentication['factorResult'] {
  if (outcome === 'success') return steps.secondFactor && /mfa completed|approved|satisfied/.test(steps.details) ? 'approved' : undefined;
  if (/did not respond|timed? ?out|no response/.test(steps.details)) return 'timeout';
  if (/declined|denied|fraud|rejected/.test(steps.details)) return 'denied';
  if (code === 500121) return 'denied';
  return step === 'second_factor' ? 'challenged' : undefined;
}

/** A successful record tells of the whole sign-in: its last step is the factor, the password, or a session that was there already. */
function stepReached(kind: Kind, steps: Steps): Authentication['step'] {
  if (kind === 'non_interactive' || steps.method === 'token') return 'session';
  return steps.secondFactor ? 'second_factor' : 'primary';
}

/** The interactive log holds interactive sign-ins only; older records of it say `isInteractive: false` all the same. */
const isInteractive = ({ category, body }: EntraRecord, kind: Kind): boolean =>
  kind === 'user' && (/^sign-?in(?:logs)?$/i.test(category) || (flag(body['isInteractive']) ?? true));

/** How an application proved itself, from `clientCredentialType`. */
const CLIENT_METHODS: readonly (readonly [RegExp, string])[] = [
  [/secret/i, 'key'],
  [/certificate|assertion/i, 'certificate'],
  [/federated/i, 'federated'],
  [/managed/i, 'managed_identity'],
];

function proofOf(record: EntraRecord, kind: Kind): Authentication & { readonly outcome: Outcome; readonly reason: string } {
  const { body } = record;
  const { outcome, code, reason } = outcomeOf(record);
  const steps = stepsOf(body);
  const meaning = outcome === 'failure' ? meaningOf(code, reason) : undefined;
  const isUser = kind === 'user' || kind === 'non_interactive';
  const credential = text(body['clientCredentialType']);
  const method = isUser
    ? (steps.method ?? (kind === 'non_interactive' ? 'token' : undefined))
    : (CLIENT_METHODS.find(([pattern]) => credential !== undefined && pattern.test(credential))?.[1] ??
      (kind === 'managed_identity' ? 'managed_identity' : undefined));
  const requirement = text(body['authenticationRequirement'])?.toLowerCase();
  const mfa = requirement === 'multifactorauthentication' || steps.secondFactor || meaning?.step === 'second_factor';
  const step = meaning ? (meaning.step ?? (meaning.failure === 'policy' ? 'session' : undefined)) : stepReached(kind, steps);
  const result = isUser ? factorResult(outcome, code, steps, step) : undefined;
  const protocol = text(body['authenticationProtocol']);
  const client = text(body['clientAppUsed']);
  const application = firstText(body['appDisplayName'], isUser ? body['appId'] : undefined);
  const interactive = isInteractive(record, kind);
  return {
    outcome,
    reason,
    ...(method && { method }),
    ...(isUser && (mfa || requirement !== undefined) && { mfa }),
    ...(step && { step }),
    ...(result && { factorResult: result }),
    interactive,
    ...(protocol && protocol !== 'none' ? { protocol } : client && { protocol: client }),
    ...(application && { application }),
    ...(meaning && { failure: meaning.failure }),
  };
}

function actorOf(body: JsonObject, kind: Kind): Account | undefined {
  if (kind === 'service_principal' || kind === 'managed_identity') {
    return service(
      body['servicePrincipalId'],
      body['servicePrincipalName'],
      body['servicePrincipalName'],
      body['appDisplayName'],
      body['appId'],
    );
  }
  return user(body['userId'], body['userDisplayName'], body['userPrincipalName'], body['signInIdentifier'], body['alternateSignInName']);
}

/** A sign-in of a user, a service principal or a managed identity. */
export function signIn(record: EntraRecord): Body {
  const { body } = record;
  const kind = kindOf(record);
  const { outcome, reason, ...auth } = proofOf(record, kind);
  const actor = actorOf(body, kind);
  const src = originOf(body, body['ipAddress'], record.callerIp, body['ipAddressFromResourceProvider']);
  const device = deviceOfSignIn(body);
  const sessionUid = text(body['sessionId']);
  const tokenId = text(body['uniqueTokenIdentifier']);
  const resourceName = firstText(body['resourceDisplayName'], body['appDisplayName']);
  const resourceId = text(body['resourceDisplayName']) === undefined ? text(body['appId']) : text(body['resourceId']);
  const vendorRisk = riskOf(body['riskLevelDuringSignIn'], body['riskEventTypes_v2'], body['riskEventTypes']);
  return {
    class: 'authentication',
    activity: 'logon',
    code: record.operation ?? 'Sign-in activity',
    outcome,
    ...(outcome === 'failure' && reason !== '' && { detail: reason.replace(/\s+/g, ' ') }),
    ...(actor && { actor }),
    ...(src && { src }),
    ...(device && { device }),
    ...(sessionUid && { session: { uid: sessionUid, ...(tokenId && { tokenId }), kind: 'sign_in' as const } }),
    auth: defined<Authentication>(auth) ?? {},
    ...(resourceName && { resource: { kind: 'application' as const, name: resourceName, ...(resourceId && { id: resourceId }) } }),
    ...(vendorRisk && { vendorRisk }),
  };
}
