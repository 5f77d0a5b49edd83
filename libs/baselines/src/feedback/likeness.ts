import type { Term } from '../assessment.js';
import { COMMANDS_FEATURE } from '../commands/command-model.js';
import { COUNT_NAMES, durationStep, LONGEST_GAP_DAYS, type Count } from '../counts.js';
import type { Level } from '../levels.js';
import { clip, type Observation } from '../observation.js';
import type { Likeness, Mark } from './mark.js';
import type { VerdictExample } from './verdict.js';

/** A term that one event in ten shows is not what the alert was about. */
const REASON_P = 0.1;

type Said = Pick<Term, 'observed' | 'details'>;

/** @returns undefined when the term names nothing that could come again */
export function likenessOf(feature: string, { observed, details }: Said, values: Observation['values']): Likeness | undefined {
  if (feature === COMMANDS_FEATURE) {
    const verbs = details?.commands?.unusual.map(({ verb }) => verb) ?? [];
    return verbs.length === 0 ? undefined : { like: 'verbs', verbs };
  }
  if (details?.measured) return { like: measureName(observed, details.measured.count), measure: details.measured.value };
  if (details?.journey) return { like: [details.journey.from, details.journey.to].toSorted().join(' | ') };
  switch (feature) {
    case 'A1_network':
      return values.net === undefined ? undefined : { like: values.net };
    case 'A2_device':
      return values.dev === undefined ? undefined : { like: values.dev };
    case 'A3_time_of_week':
      return hourOf(observed);
    case 'A4_travel':
      return undefined; // a journey that is possible
    default:
      return { like: observed };
  }
}

/** `#hour`; days without use are of one privilege: `#gap entra:role:Owner`. */
const measureName = (observed: string, count: string): string =>
  count === 'gap' ? `#gap ${observed.replace(/ after \d+ days?$/, '')}` : `#${count}`;

/** @param observed `weekday 03:15 local time` */
function hourOf(observed: string): Likeness | undefined {
  const parts = /^(weekday|weekend) (\d\d):(\d\d)/.exec(observed);
  return parts ? { like: `@${parts[1] ?? ''}`, measure: Number(parts[2]) * 60 + Number(parts[3]) } : undefined;
}

const LEVELS_OF: Readonly<Record<string, readonly Level[]>> = {
  A1_network: ['net', 'asn', 'cty'],
  A2_device: ['dev', 'brw', 'os', 'typ'],
  A5_method: ['mth', 'mfa'],
  A5_application: ['app'],
  B1_resource: ['res'],
  C1_entitlement: ['ent'],
};

/**
 * What is unusual about an event, by its terms as they were scored.
 *
 * @param values of the event @param bin of the time of week, where the hour was the actor's choice
 */
export function marksOf({ event, terms }: VerdictExample, values: Observation['values'], bin: number | undefined): Mark[] {
  return terms.flatMap((term): Mark[] => {
    const { feature, p, evidence, details } = term;
    const likeness = p <= REASON_P && evidence > 0 ? likenessOf(feature, term, values) : undefined;
    if (!likeness) return [];
    const known = event.privilege ? { ...values, ent: clip(event.privilege.entitlement) } : values;
    const levels = (LEVELS_OF[feature] ?? []).flatMap((level): [Level, string][] => {
      const value = known[level];
      return value === undefined ? [] : [[level, value]];
    });
    const count = observedCount(details);
    return [
      {
        f: feature,
        l: likeness.like,
        ...(likeness.measure !== undefined && { m: likeness.measure }),
        ...(likeness.verbs && { v: [...likeness.verbs] }),
        ...(levels.length > 0 && { t: Object.fromEntries(levels) }),
        ...(feature === 'A3_time_of_week' && bin !== undefined && { b: bin }),
        ...(count && { k: count }),
      },
    ];
  });
}

/** A measure as it is counted: durations in steps, gaps up to sixty days. */
function observedCount(details: Term['details']): [Count, number] | undefined {
  const measured = details?.measured;
  const name = COUNT_NAMES.find((count) => count === measured?.count);
  if (!measured || name === undefined) return undefined;
  if (name === 'dur' || name === 'lat' || name === 'qty') return [name, durationStep(measured.value)];
  return [
    name,
    name === 'gap' ? Math.min(LONGEST_GAP_DAYS, measured.value) : name === 'hour' ? Math.max(0, measured.value - 1) : measured.value,
  ];
}
