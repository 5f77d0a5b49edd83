import type { Organisation, RoleRecord } from '@keyward/identity';
import { entitlementName } from './words.js';

/** The organisation's word on a role, by its full entitlement or its bare name. */
export const roleOf = (organisation: Organisation, entitlement: string): RoleRecord | undefined =>
  organisation.role(entitlement) ?? organisation.role(entitlementName(entitlement));

/** True when `entitlement` is the role that the organisation calls `role`: written in full or by its bare name; case does not matter. */
export function isRole(entitlement: string, role: string): boolean {
  const wanted = role.toLowerCase();
  return entitlement.toLowerCase() === wanted || entitlementName(entitlement).toLowerCase() === wanted;
}
