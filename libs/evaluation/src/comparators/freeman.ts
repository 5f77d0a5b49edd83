import { DayMaxima, type Comparator } from './comparator.js';
import { observedValues } from './observed-values.js';

/**
 * Weights of what an address and a browser consist of, finest first. The published 0.01 of the device type is the system's here: sources say no more.
 *
 * @see Wiefling, Dürmuth & Lo Iacono, "What's in Score for Website Users: A Data-driven Long-term Study on Risk-based Authentication Characteristics", FC 2021
 */
const FEATURES: readonly (readonly { readonly name: string; readonly weight: number }[])[] = [
  [
    { name: 'network', weight: 0.6 },
    { name: 'asn', weight: 0.3 },
    { name: 'country', weight: 0.1 },
  ],
  [
    { name: 'device', weight: 0.53 },
    { name: 'browser', weight: 0.27 },
    { name: 'os', weight: 0.2 },
  ],
];

/** How often each value of each name was seen. */
class Counts {
  readonly #values = new Map<string, number>();
  readonly #sizes = new Map<string, number>();
  /** Logins: every name has a value in each. */
  total = 0;
  add(name: string, value: string): void {
    const key = `${name} ${value}`;
    const count = this.#values.get(key) ?? 0;
    if (count === 0) this.#sizes.set(name, this.different(name) + 1);
    this.#values.set(key, count + 1);
  }
  of(name: string, value: string): number {
    return this.#values.get(`${name} ${value}`) ?? 0;
  }
  different(name: string): number {
    return this.#sizes.get(name) ?? 0;
  }
}

/**
 * Login risk of Freeman and others: `S = prod over features of p(x) / p(x | u) * p(u | attack) / p(u | legitimate)`, with `p(u | attack) = 1 / |U|` and
 * `p(u | legitimate) = N_u / N`. An address is network, provider and country, a browser is device, browser and system, interpolated with fixed weights; what a
 * user never had gets one pseudo-login of everybody. Kept as published: the last factor makes heavy users harder to alert on.
 *
 * @see Freeman, Jain, Dürmuth, Biggio & Giacinto, "Who Are You? A Statistical Approach to Measuring User Authenticity", NDSS 2016
 */
export class FreemanModel {
  readonly #everybody = new Counts();
  readonly #users = new Map<string, Counts>();

  /** @param values by the names of {@link FEATURES}; one that is missing is a value of its own @returns ln S */
  score(user: string, values: Readonly<Record<string, string | undefined>>): number {
    const own = this.#users.get(user) ?? new Counts();
    let score = 0;
    for (const parts of FEATURES) {
      let all = 0;
      let mine = 0;
      for (const { name, weight } of parts) {
        const value = values[name] ?? '?';
        const share = (this.#everybody.of(name, value) + 1) / (this.#everybody.total + this.#everybody.different(name) + 1);
        all += weight * share;
        mine += (weight * (own.of(name, value) + share)) / (own.total + 1);
      }
      score += Math.log(all / mine);
    }
    const users = Math.max(1, this.#users.size);
    return score + Math.log(1 / users / ((own.total + 1) / (this.#everybody.total + users)));
  }

  learn(user: string, values: Readonly<Record<string, string | undefined>>): void {
    let own = this.#users.get(user);
    if (!own) this.#users.set(user, (own = new Counts()));
    for (const counts of [own, this.#everybody]) {
      counts.total += 1;
      for (const parts of FEATURES) for (const { name } of parts) counts.add(name, values[name] ?? '?');
    }
  }
}

/** Ranks each day by its riskiest successful sign-in. */
export function freeman(): Comparator {
  const model = new FreemanModel();
  const maxima = new DayMaxima();
  return {
    id: 'freeman',
    title: 'Freeman login risk',
    observe(event, identity) {
      if (event.class !== 'authentication' || event.outcome !== 'success' || event.src?.ip === undefined) return;
      const values = { ...observedValues(event) };
      // ln S has any sign; only the order counts.
      maxima.add(identity, Math.exp(model.score(identity, values) / 10));
      model.learn(identity, values);
    },
    closeDay: () => maxima.take(),
  };
}
