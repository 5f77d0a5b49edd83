import { z } from 'zod';
import { isTimeZone } from './local-time.js';
import type { AccountRecord } from './linking/account-record.js';
import { groupName } from './linking/link-organisation.js';
import type { GroupRecord } from './organisation-records.js';

export const ENTERPRISE_USER = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const Text = z.string().optional().catch(undefined);
const Enterprise = z.looseObject({
  employeeNumber: Text,
  department: Text,
  division: Text,
  manager: z.looseObject({ value: Text }).optional().catch(undefined),
});

/** What is read of a SCIM 2.0 user (RFC 7643 section 4.1 and its enterprise extension); everything else is kept for who sent it. */
const ScimUser = z.looseObject({
  userName: z.string().min(1),
  externalId: Text,
  displayName: Text,
  name: z.looseObject({ formatted: Text, givenName: Text, familyName: Text }).optional().catch(undefined),
  title: Text,
  userType: Text,
  timezone: Text,
  active: z.boolean().default(true),
  emails: z
    .array(z.looseObject({ value: Text, type: Text, primary: z.boolean().optional().catch(undefined) }))
    .default([])
    .catch([]),
  [ENTERPRISE_USER]: Enterprise.optional().catch(undefined),
});
const ScimGroup = z.looseObject({
  displayName: z.string().min(1),
  members: z
    .array(z.looseObject({ value: Text }))
    .default([])
    .catch([]),
});

/** A SCIM resource as it is kept, with what only the server knows. */
export interface ScimResource {
  readonly system: string;
  readonly kind: 'user' | 'group';
  /** The server's id. */
  readonly id: string;
  readonly resource: Readonly<Record<string, unknown>>;
  /** ISO instants. */
  readonly createdAt: string;
  /** Since when it is inactive or deleted; null: it is neither. */
  readonly endedAt: string | null;
  readonly deleted: boolean;
}

/**
 * Users and groups of SCIM clients as accounts and groups of the organisation. Deactivated and deleted users stay, closed at that instant: what
 * their accounts do afterwards is worth knowing. Deleted groups are gone.
 */
export function recordsOfScim(resources: readonly ScimResource[]): {
  readonly accounts: readonly AccountRecord[];
  readonly groups: readonly GroupRecord[];
} {
  const groups = resources.flatMap(({ system, kind, id, resource, deleted }) => {
    const read = kind === 'group' && !deleted ? ScimGroup.safeParse(resource) : undefined;
    return read?.success ? [{ system, id, name: groupName(system, read.data.displayName), members: read.data.members }] : [];
  });
  const groupsOf = new Map<string, string[]>();
  for (const { system, name, members } of groups) {
    for (const { value } of members) {
      if (value === undefined) continue;
      const key = `${system}\u0000${value}`;
      groupsOf.set(key, [...(groupsOf.get(key) ?? []), name]);
    }
  }
  const membership = (system: string, id: string): string[] => (groupsOf.get(`${system}\u0000${id}`) ?? []).toSorted();
  return {
    accounts: resources.flatMap((stored) => (stored.kind === 'user' ? accountOf(stored, membership(stored.system, stored.id)) : [])),
    groups: groups.map(({ system, id, name }) => ({ group: name, memberOf: membership(system, id), system })),
  };
}

function accountOf({ system, id, resource, createdAt, endedAt, deleted }: ScimResource, groups: string[]): AccountRecord[] {
  const read = ScimUser.safeParse(resource);
  if (!read.success) return [];
  const { userName, externalId, displayName, name, title, userType, timezone, active, emails } = read.data;
  const enterprise = read.data[ENTERPRISE_USER];
  const addresses = [...emails]
    .sort((a, b) => rankOf(b) - rankOf(a))
    .flatMap(({ value }) => (value === undefined || value === '' ? [] : [value]));
  const fullName = name?.formatted ?? ([name?.givenName, name?.familyName].filter(Boolean).join(' ') || undefined);
  const isActive = active && !deleted;
  const fields = {
    id: externalId,
    email: addresses[0],
    displayName: displayName ?? fullName,
    title,
    employeeId: enterprise?.employeeNumber,
    department: enterprise?.department,
    team: enterprise?.division,
    manager: enterprise?.manager?.value,
    kind: kindOf(userType),
    timezone: timezone !== undefined && isTimeZone(timezone) ? timezone : undefined,
    endsAt: isActive ? undefined : (endedAt ?? undefined),
  };
  return [
    {
      system,
      name: userName,
      emails: addresses.slice(1),
      active: isActive,
      since: createdAt,
      groups: deleted ? [] : groups,
      scimId: id,
      ...Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== '')),
    },
  ];
}

const rankOf = ({ primary, type }: { readonly primary?: boolean | undefined; readonly type?: string | undefined }): number =>
  (primary === true ? 2 : 0) + (type?.toLowerCase() === 'work' ? 1 : 0);

/** Directories write `Service`, `Service account`, `Robot` ...; what is none of these is a person. */
function kindOf(userType: string | undefined): AccountRecord['kind'] {
  if (userType === undefined) return undefined;
  if (/service|system|robot|\bbot\b|machine|application/i.test(userType)) return 'service';
  return /shared|generic/i.test(userType) ? 'shared' : undefined;
}
