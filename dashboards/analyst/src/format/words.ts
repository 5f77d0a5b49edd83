/** Names of the contract as people say them. What is not listed is made readable: `user_access` to `User access`. */
const WORDS: Readonly<Record<string, string>> = {
  awaiting_approval: 'Awaiting approval',
  already_absent: 'Already gone',
  not_verified: 'Not verified',
  verified: 'Revoked, verified',
  observed: 'Would revoke',
  held: 'Held by guard rail',
  false_positive: 'False positive',
  in_progress: 'In progress',
  jit_self_approval: 'JIT self-approval',
  mfa_fatigue: 'MFA fatigue',
  sod_conflict: 'SoD conflict',
  break_glass: 'Break-glass',
  okta: 'Okta',
  entra: 'Entra ID',
  auth0: 'Auth0',
  cyberark: 'CyberArk',
  beyondtrust: 'BeyondTrust',
  delinea: 'Delinea',
  visulox: 'VISULOX',
  mycena: 'MyCena',
  keycloak: 'Keycloak',
  vault: 'Vault',
  cloudtrail: 'CloudTrail',
  teleport: 'Teleport',
  duo: 'Duo',
  linux: 'Linux',
  windows: 'Windows',
  ocsf: 'OCSF',
  A1_network: 'Network',
  A2_device: 'Device',
  A3_time_of_week: 'Time of week',
  A4_travel: 'Travel',
  A5_authentication: 'Sign-in method',
  A5_method: 'Sign-in method',
  A5_application: 'Application',
  B1_resource: 'Resource',
  B1_first_use: 'First use of a resource',
};
export function words(name: string): string {
  const known = WORDS[name];
  if (known !== undefined) return known;
  const text = name
    .replace(/^[A-C]\d_/, '')
    .replaceAll('_', ' ')
    .trim();
  return text === '' ? name : text.charAt(0).toUpperCase() + text.slice(1);
}

/** `entra:role:Global Administrator` to its name; the rest says where. */
export function entitlementName(entitlement: string): { readonly name: string; readonly where: string } {
  const [system = '', kind = '', ...rest] = entitlement.split(':');
  const name = rest.join(':');
  return name === '' ? { name: entitlement, where: '' } : { name, where: `${words(system)} ${kind}` };
}

/** Keys of `observed` carry their unit: `elapsedHours` to `Elapsed (hours)`. */
export function observedName(key: string): string {
  const unit = /(Hours|Minutes|Seconds|Days|Km|KmPerHour|Kmh|Count|Nats|Ratio)$/.exec(key)?.[1];
  const base = unit === undefined ? key : key.slice(0, -unit.length);
  const text = base.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
  const label = text.charAt(0).toUpperCase() + text.slice(1);
  if (unit === undefined || unit === 'Count') return label;
  return `${label} (${unit === 'Km' ? 'km' : unit.startsWith('Kmh') || unit === 'KmPerHour' ? 'km/h' : unit.toLowerCase()})`;
}
