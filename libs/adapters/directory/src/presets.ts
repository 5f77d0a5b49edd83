import type { LdapConfig, LdapField } from './ldap-config.js';

export interface Preset {
  readonly system: string;
  readonly users: string;
  readonly groups: string;
  readonly attributes: Readonly<Record<LdapField, readonly string[]>>;
}

export const PRESETS: Readonly<Record<LdapConfig['preset'], Preset>> = {
  active_directory: {
    // Domain logons are what the Windows log calls `windows`.
    system: 'windows',
    users: '(|(&(objectCategory=person)(objectClass=user))(objectClass=msDS-GroupManagedServiceAccount))',
    groups: '(objectClass=group)',
    attributes: {
      name: ['sAMAccountName'],
      id: ['objectSid'],
      upn: ['userPrincipalName'],
      email: ['mail'],
      employeeId: ['employeeID', 'employeeNumber'],
      displayName: ['displayName', 'cn'],
      department: ['department'],
      team: ['division'],
      title: ['title'],
      manager: ['manager'],
      timezone: [],
    },
  },
  openldap: {
    system: 'ldap',
    users: '(|(objectClass=inetOrgPerson)(objectClass=posixAccount))',
    groups: '(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))',
    attributes: {
      name: ['uid'],
      id: ['entryUUID'],
      upn: ['krbPrincipalName'],
      email: ['mail'],
      employeeId: ['employeeNumber'],
      displayName: ['displayName', 'cn'],
      department: ['departmentNumber', 'ou'],
      team: [],
      title: ['title'],
      manager: ['manager'],
      timezone: [],
    },
  },
};

/** The preset with what the configuration says otherwise. */
export function settingsOf({ preset, system, users, groups, attributes }: LdapConfig): Preset {
  const known = PRESETS[preset];
  return {
    system: system ?? known.system,
    users: users.filter ?? known.users,
    groups: groups.filter ?? known.groups,
    attributes: { ...known.attributes, ...attributes },
  };
}
