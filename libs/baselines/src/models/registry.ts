import { network } from './a1-network.js';
import { device } from './a2-device.js';
import { timeOfWeek } from './a3-time-of-week.js';
import { travel } from './a4-travel.js';
import { application } from './a5-application.js';
import { method } from './a5-method.js';
import { failures } from './a6-failures.js';
import { resource } from './b1-resource.js';
import { volume } from './b3-volume.js';
import { bytes } from './b3-bytes.js';
import { rarePrivilege } from './b4-rare-privilege.js';
import { firstUses } from './b5-first-uses.js';
import { eligibility } from './c1-eligibility.js';
import { entitlement } from './c1-entitlement.js';
import { approval } from './c2-approval.js';
import { jit } from './c2-jit.js';
import type { Model } from './model.js';

/** All features, in the order in which they are evaluated. */
export const MODELS: readonly Model[] = [
  network,
  device,
  timeOfWeek,
  travel,
  method,
  application,
  failures,
  resource,
  volume,
  bytes,
  rarePrivilege,
  firstUses,
  entitlement,
  eligibility,
  jit,
  approval,
];
