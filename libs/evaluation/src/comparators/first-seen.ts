import type { AccessEvent } from '@keyward/events';
import type { Comparator } from './comparator.js';
import { VALUE_NAMES, observedValues } from './observed-values.js';

/** Days of activity before anything counts as new: what vendors call a learning period. */
const LEARNING_DAYS = 5;

interface Known {
  readonly values: Set<string>;
  days: number;
  lastDay: number;
}

/**
 * First-seen rule: on how many counts a day brought something new (network, provider, country, device, browser, system, application, resource), after five
 * days of learning. What Okta's behaviour detection and Sentinel's first-time flags do, without their thresholds.
 */
export function firstSeen(): Comparator {
  const known = new Map<string, Known>();
  let today = new Map<string, Set<string>>();
  return {
    id: 'first-seen',
    title: 'First-seen rule',
    observe(event: AccessEvent, identity: string) {
      const day = Math.floor(event.time / 86_400_000);
      let own = known.get(identity);
      if (!own) known.set(identity, (own = { values: new Set(), days: 0, lastDay: day }));
      if (day > own.lastDay) {
        own.days += 1;
        own.lastDay = day;
      }
      const values = observedValues(event);
      for (const name of VALUE_NAMES) {
        const value = values[name];
        if (value === undefined) continue;
        const key = `${name} ${value}`;
        if (own.values.has(key)) continue;
        own.values.add(key);
        if (own.days < LEARNING_DAYS) continue;
        // Each new value counts: five new applications are more than one.
        const news = today.get(identity);
        if (news) news.add(key);
        else today.set(identity, new Set([key]));
      }
    },
    closeDay() {
      const scores = new Map([...today].map(([identity, news]) => [identity, news.size] as const));
      today = new Map();
      return scores;
    },
  };
}
