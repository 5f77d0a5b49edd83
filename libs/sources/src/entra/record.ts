import type { JsonObject } from '../json.js';

/** What kind of record it is, whatever shape it came in. */
export type Family =
  'sign_in' | 'audit' | 'risk_detection' | 'risky_account' | 'provisioning' | 'pim_request' | 'azure_activity' | 'other_workload' | 'other';

/** One record with its fields under Microsoft Graph's names, and the envelope it came in. */
export interface EntraRecord {
  readonly family: Family;
  /** Diagnostic category or Log Analytics table: `ServicePrincipalSignInLogs`, `AADManagedIdentitySignInLogs`; empty from Graph. */
  readonly category: string;
  /** Microsoft's name of the operation, where the envelope has it. */
  readonly operation: string | undefined;
  readonly body: JsonObject;
  /** `time` or `TimeGenerated` of the envelope. */
  readonly sentAt: unknown;
  readonly callerIp: unknown;
  /** Who acted, by the envelope: a name as shown. */
  readonly identity?: unknown;
  /** `resultType` of the envelope: an error code for sign-ins, a word for others. */
  readonly resultType: string | undefined;
  readonly resultDescription: string | undefined;
}
