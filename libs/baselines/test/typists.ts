import type { AccessEvent } from '@keyward/events';
import { aSignIn, DAY_MS, seeded, START } from './history.js';

/** One block of a hundred commands as one session. */
export interface TypedBlock {
  readonly session: string;
  readonly who: string;
  readonly isIntruder: boolean;
  readonly verbs: readonly string[];
  readonly events: readonly AccessEvent[];
}

export const aCommand = (who: string, time: number, session: string, command: string): AccessEvent =>
  aSignIn(who, time, {
    ...{ source: 'ocsf', class: 'process_activity', activity: 'launch', code: 'Process Activity: Launch', command },
    session: { uid: session, kind: 'privileged' },
  });

/** A person works on few tasks, each with some programs of its own, repeats himself, and now and then takes up something new. */
class Typist {
  readonly #random: () => number;
  readonly #tasks: string[][] = [];
  readonly #pool: readonly string[][];
  #current = 0;

  constructor(random: () => number, pool: readonly string[][]) {
    this.#random = random;
    this.#pool = pool;
    for (let task = 0; task < 3 + random() * 4; task += 1) this.#take();
  }
  block(): string[] {
    if (this.#random() < 0.03) this.#take();
    const verbs: string[] = [];
    while (verbs.length < 100) {
      if (this.#random() < 0.03) this.#current = Math.floor(this.#random() * this.#tasks.length);
      const task = this.#tasks[this.#current] ?? [];
      const verb = this.#random() < 0.25 ? verbs.at(-1) : task[Math.floor(this.#random() ** 2 * task.length)];
      verbs.push(this.#random() < 0.05 ? programAt(this.#random) : (verb ?? 'ls'));
    }
    return verbs;
  }
  #take(): void {
    const common = this.#pool[Math.floor(this.#random() * this.#pool.length)] ?? [];
    this.#tasks.push(this.#random() < 0.5 ? common : taskOf(this.#random));
  }
}
/** Few programs are common. */
const programAt = (random: () => number): string => `prog${Math.floor(400 * random() ** 3)}`;
const taskOf = (random: () => number): string[] => Array.from({ length: 8 + Math.floor(random() * 16) }, () => programAt(random));

/**
 * People who type a block a day; the first third of the days is theirs, then now and then somebody from outside sits at their desk for a few days.
 * In the manner of Schonlau's data, and as made up as everything here.
 */
export function typedHistory(people: number, days: number, seed: number): TypedBlock[] {
  const random = seeded(seed);
  const pool = Array.from({ length: 25 }, () => taskOf(random));
  const typists = Array.from({ length: people }, () => new Typist(random, pool));
  const outsiders = Array.from({ length: 10 }, () => new Typist(random, pool));
  const atDesk = typists.map((): Typist | undefined => undefined);
  const blocks: TypedBlock[] = [];
  for (let day = 0; day < days; day += 1)
    typists.forEach((typist, index) => {
      const who = `p-${index}`;
      if (atDesk[index] && random() > 0.8) atDesk[index] = undefined;
      else if (!atDesk[index] && day >= days / 3 && random() < 0.02) atDesk[index] = outsiders[Math.floor(random() * outsiders.length)];
      const own = typist.block();
      const verbs = atDesk[index]?.block() ?? own;
      const session = `${who}-${day}`;
      const begin = START + day * DAY_MS + 9 * 3_600_000 + index * 1_000;
      const events = verbs.map((verb, at) => aCommand(who, begin + at * 20_000, session, verb));
      blocks.push({ session, who, isIntruder: atDesk[index] !== undefined, verbs, events });
    });
  return blocks;
}
