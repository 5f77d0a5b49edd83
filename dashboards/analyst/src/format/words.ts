/** Names of the contract as people say them. What is not listed is made readable: `user_access` to `User access`. */
const WORDS: Readonly<Record<string, string>> = {
  already_absent: 'Already gone',
  verified: 'Revoked, verified',
  observed: 'Would revoke',
  held: 'Held by guard rail',
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
  cloudtrail: 'CloudTrail',
  ocsf: 'OCSF',
  A5_method: 'Sign-in method',
  C2_jit: 'Time-bound right',
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
