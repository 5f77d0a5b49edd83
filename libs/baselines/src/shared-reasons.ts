import type { Term } from './assessment.js';

/** Of values only: three colleagues, and this share of those of the group who were active. As for a roll-out that is known from the day before. */
const FEWEST = 3;
const SHARE_OF_VALUE = 0.1;
/** Odd hours are not named by one value, so more of a group must have them at once. */
const SHARE_OF_HOURS = 0.25;
const ODD_HOUR_P = 0.03;
/** Of the nats of a reason that colleagues have too. */
export const SHARED_FACTOR = 0.3;

/** Choices that colleagues make together. Not networks: what an attacker comes from is the same for each of his victims. */
const TOGETHER: ReadonlySet<string> = new Set(['A2_device', 'A5_application', 'B1_resource', 'B4_rare_privilege', 'C1_entitlement']);
const HOURS = 'A3_time_of_week';
const KIND = 'kind:';

interface Shareable {
  /** Names of reasons that may turn out to be a group's. */
  shareable(): ReadonlySet<string>;
}

/** Under which name the reason may turn out to be a group's: a value that is new to the identity, or an odd hour. */
export function sharedKeyOf({ feature, observed, p, counts }: Pick<Term, 'feature' | 'observed' | 'p' | 'counts'>): string | undefined {
  if (p >= 1) return undefined;
  if (feature === HOURS) return p <= ODD_HOUR_P ? HOURS : undefined;
  return counts.person === 0 && TOGETHER.has(feature) ? `${feature}|${observed}` : undefined;
}

/**
 * What a group did together on one UTC day: a team that begins to use an application, or closes the books on a Saturday. The surprise is then the group's, and
 * little is left of each member's. Known when the day is over, so it ranks days; an alarm, which can't wait for the evening, learns of it with the next snapshot.
 */
export class SharedReasons {
  readonly #byGroup = new Map<string, ReadonlySet<string>>();
  readonly #groupsOf: (identity: string) => readonly string[];

  /** @param groupsOf peer groups of an identity, most specific first */
  constructor(days: Iterable<readonly [identity: string, Shareable]>, groupsOf: (identity: string) => readonly string[]) {
    this.#groupsOf = groupsOf;
    const active = new Map<string, number>();
    const having = new Map<string, Map<string, number>>();
    for (const [identity, reasons] of days)
      for (const group of groupsOf(identity)) {
        if (group.startsWith(KIND)) continue;
        active.set(group, (active.get(group) ?? 0) + 1);
        const keys = having.get(group) ?? new Map<string, number>();
        for (const key of reasons.shareable()) keys.set(key, (keys.get(key) ?? 0) + 1);
        having.set(group, keys);
      }
    for (const [group, keys] of having) {
      const of = active.get(group) ?? 0;
      const shared = [...keys].filter(
        ([key, members]) => members >= FEWEST && members >= of * (key === HOURS ? SHARE_OF_HOURS : SHARE_OF_VALUE),
      );
      if (shared.length > 0) this.#byGroup.set(group, new Set(shared.map(([key]) => key)));
    }
  }

  has(identity: string, key: string): boolean {
    return this.#byGroup.size > 0 && this.#groupsOf(identity).some((group) => this.#byGroup.get(group)?.has(key) === true);
  }
}
