/** Weights of one group's verbs in decay units; `total` also holds verbs too rare to be kept. */
export interface VerbCounts {
  readonly total: number;
  readonly values: ReadonlyMap<string, number>;
}
/** By group, the population among them. */
export type VerbPopulation = ReadonlyMap<string, VerbCounts>;
