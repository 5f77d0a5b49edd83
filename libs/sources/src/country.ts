/** Names of countries as Okta's geolocation writes them, where the English CLDR name is another. */
const ALIASES: Readonly<Record<string, string>> = {
  'united states of america': 'US',
  'russian federation': 'RU',
  'korea, republic of': 'KR',
  'republic of korea': 'KR',
  'iran, islamic republic of': 'IR',
  'viet nam': 'VN',
  'czech republic': 'CZ',
  czechia: 'CZ',
  turkey: 'TR',
  turkiye: 'TR',
  'hong kong': 'HK',
  macao: 'MO',
  macau: 'MO',
  'taiwan, province of china': 'TW',
  'syrian arab republic': 'SY',
  "lao people's democratic republic": 'LA',
  'moldova, republic of': 'MD',
  'tanzania, united republic of': 'TZ',
  'venezuela, bolivarian republic of': 'VE',
  'bolivia, plurinational state of': 'BO',
  'brunei darussalam': 'BN',
  'palestine, state of': 'PS',
  'north macedonia': 'MK',
  macedonia: 'MK',
  'the netherlands': 'NL',
  'great britain': 'GB',
  swaziland: 'SZ',
  "cote d'ivoire": 'CI',
  'congo, the democratic republic of the': 'CD',
  myanmar: 'MM',
};

let codes: ReadonlyMap<string, string> | undefined;

/** English names of all two-letter regions, from the platform's CLDR data; read once, at first use. */
function codesByName(): ReadonlyMap<string, string> {
  const names = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });
  const found = new Map<string, string>();
  for (let first = 65; first <= 90; first += 1) {
    for (let second = 65; second <= 90; second += 1) {
      const code = String.fromCharCode(first, second);
      // Codes that ISO withdrew (`DD`, `SU`) bear the name of the one in use; canonical locales know which that is.
      if (Intl.getCanonicalLocales(`und-${code}`)[0] !== `und-${code}`) continue;
      const name = names.of(code);
      if (name !== undefined && !found.has(name.toLowerCase())) found.set(name.toLowerCase(), code);
    }
  }
  for (const [name, code] of Object.entries(ALIASES)) found.set(name, code);
  return found;
}

/** @returns ISO 3166-1 alpha-2 of a country's English name or code, else the name as it was written */
export function countryCode(name: string): string {
  if (/^[A-Za-z]{2}$/.test(name)) return name.toUpperCase() === 'UK' ? 'GB' : name.toUpperCase();
  codes ??= codesByName();
  return codes.get(name.toLowerCase()) ?? name;
}
