import type { CountMoments } from './counts.js';
import type { Level } from './levels.js';

/** Weights of one group's values, in decay units as of the snapshot's day. `total` also holds values too rare to be kept. */
export interface GroupCounts {
  readonly levels: Readonly<Record<Level, { readonly total: number; readonly values: ReadonlyMap<string, number> }>>;
  readonly time: readonly number[];
  readonly counts: Readonly<CountMoments>;
}

export const emptyLevels = <T>(make: (level: Level) => T): Record<Level, T> => ({
  net: make('net'),
  asn: make('asn'),
  cty: make('cty'),
  dev: make('dev'),
  brw: make('brw'),
  os: make('os'),
  typ: make('typ'),
  mth: make('mth'),
  mfa: make('mfa'),
  app: make('app'),
  res: make('res'),
  gra: make('gra'),
  par: make('par'),
  ent: make('ent'),
});
