/**
 * The categorical values that are counted, for persons, peer groups and the population. A model owns some of them, finest first.
 * `cap`: values kept in one person's profile (the least frequent falls out; its weight stays in the total as "other").
 * `childShare`: b(v), the share of its parent that a value never seen anywhere is given: about one over the number of such values in the world of one tenant.
 * `gra`: rights given to others; `par`: the other side of an approval; `ent`: rights received, counted for groups only, since the receiver need not be the actor.
 */
export const LEVELS = {
  net: { cap: 16, childShare: 1 / 50 },
  asn: { cap: 10, childShare: 1 / 50 },
  cty: { cap: 6, childShare: 1 / 100 },
  dev: { cap: 10, childShare: 1 / 20 },
  brw: { cap: 8, childShare: 1 / 20 },
  os: { cap: 5, childShare: 1 / 20 },
  typ: { cap: 4, childShare: 1 / 5 },
  mth: { cap: 8, childShare: 1 / 10 },
  mfa: { cap: 3, childShare: 1 / 3 },
  app: { cap: 24, childShare: 1 / 200 },
  res: { cap: 40, childShare: 1 / 1_000 },
  gra: { cap: 12, childShare: 1 / 50 },
  par: { cap: 8, childShare: 1 / 50 },
  ent: { cap: 1, childShare: 1 / 50 },
} as const satisfies Record<string, { readonly cap: number; readonly childShare: number }>;
export type Level = keyof typeof LEVELS;

/** In this order everything that loops over levels runs, so sums are the same everywhere. */
export const LEVEL_NAMES = [
  'net',
  'asn',
  'cty',
  'dev',
  'brw',
  'os',
  'typ',
  'mth',
  'mfa',
  'app',
  'res',
  'gra',
  'par',
  'ent',
] as const satisfies readonly Level[];
