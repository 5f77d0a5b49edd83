import { accessAfterGrantEnd } from './access-after-grant-end/access-after-grant-end.detection.js';
import { accountCreatedAndUsed } from './account-created-and-used/account-created-and-used.detection.js';
import { accountUsedAfterLeave } from './account-used-after-leave/account-used-after-leave.detection.js';
import { auditLogTampered } from './audit-log-tampered/audit-log-tampered.detection.js';
import { breakGlassUsed } from './break-glass-used/break-glass-used.detection.js';
import { credentialWithoutCheckout } from './credential-without-checkout/credential-without-checkout.detection.js';
import type { Detection } from './detection.js';
import { dormantAccountUsed } from './dormant-account-used/dormant-account-used.detection.js';
import { impossibleTravel } from './impossible-travel/impossible-travel.detection.js';
import { jitSelfApproval } from './jit-self-approval/jit-self-approval.detection.js';
import { mfaFatigue } from './mfa-fatigue/mfa-fatigue.detection.js';
import { passwordSpraySuccess } from './password-spray-success/password-spray-success.detection.js';
import { sodConflict } from './sod-conflict/sod-conflict.detection.js';

/** Every detection, one line each. `test/architecture/registries.test.ts` compares this list with the folders. */
export const DETECTIONS: readonly Detection[] = [
  accessAfterGrantEnd,
  accountCreatedAndUsed,
  accountUsedAfterLeave,
  auditLogTampered,
  breakGlassUsed,
  credentialWithoutCheckout,
  dormantAccountUsed,
  impossibleTravel,
  jitSelfApproval,
  mfaFatigue,
  passwordSpraySuccess,
  sodConflict,
];
