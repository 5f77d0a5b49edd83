/** Constants of the command model, each with its reason; measured on made-up histories like Schonlau's (docs/adr/0023). */
export const COMMANDS = {
  /** Verbs in a block: the unit of Schonlau's data, and about what a working session has. */
  blockVerbs: 100,
  /** s_u and s_o: how closely a block of the person and one of anybody else keeps to its author's shares; less means burstier (scoring.md section 2). */
  ownConcentration: 50,
  otherConcentration: 20,
  /** What each verb by itself adds to the block as a whole: it finds the many small differences that the Polya urn forgives as bursts. */
  unigramWeight: 0.3,
  /** Share of the last block's evidence that the next one begins with: intruders stay for more than one block. */
  carried: 0.3,
  /** And for how long, days. */
  carriedDays: 7,
  /** Pseudo-commands of the peers in a person's shares, and of the wider group in a narrower one's: from so many own commands on the person outweighs them. */
  shrinkage: 300,
  /** t and b: pseudo-commands of verbs that nobody used yet, and how many of these there might be. */
  unseenWeight: 20,
  unseenVerbs: 1_000,
  /** Most commands that one identity's day adds to the population: a script must not outvote the people. */
  identityDayCommands: 1_000,
  /** Verbs kept of one identity; the rarest falls out. Of Schonlau's fifty people few use more. */
  verbsKept: 256,
  /** Verbs kept of a peer group. */
  verbsPerGroup: 4_000,
  /** Sessions of one identity that may be open at a time; the one not used for longest is closed. */
  openBlocks: 8,
  /** Silence that ends a block, ms. */
  idleMs: 3_600_000,
  /** Blocks on hold; the oldest falls out unlearned. */
  heldBlocks: 4,
} as const;
