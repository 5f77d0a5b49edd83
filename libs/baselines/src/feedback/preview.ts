import type { AccessEvent } from '@keyward/events';
import { DEFAULT_BUDGET, isAlarming } from '../alarm.js';
import type { Assessment, Term } from '../assessment.js';
import { populationOf } from '../behaviour-model.js';
import { combinedP, quantise, rankWeightedSum, scoreOf } from '../combination.js';
import { markovP } from '../models/model.js';
import { MODELS } from '../models/registry.js';
import { observe } from '../observation.js';
import { BehaviourParameters } from '../parameters.js';
import type { Snapshot } from '../profile.js';
import { sentenceOf } from '../sentence.js';
import type { VerdictInForce } from './feedback-state.js';
import { distinctMarks } from './heed-verdict.js';
import { marksOf } from './likeness.js';
import { nameOf, type Mark } from './mark.js';
import type { Verdict, VerdictEntry } from './verdict.js';
import { verdictsOn } from './verdicts-on.js';

/** How an event that was scored already would be scored under a verdict. */
export interface Preview {
  readonly score: number;
  /** What the event was scored, put together anew from the same terms: what `score` is to be compared with. */
  readonly scoreNow: number;
  readonly alarms: boolean;
  /** Terms that the verdict speaks of. */
  readonly terms: readonly string[];
}

/** What a verdict on these events is about. Pure. */
export const marksOfVerdict = (examples: VerdictEntry['examples']): Mark[] =>
  distinctMarks(examples.flatMap((example) => marksOf(example, observe(example.event).values, undefined)));

/** Whether two verdicts name something in common: three of them on peers raise the group. */
export function saysTheSame(a: VerdictEntry['examples'], b: VerdictEntry['examples']): boolean {
  const names = new Set(marksOfVerdict(a).map(nameOf));
  return marksOfVerdict(b).some((mark) => names.has(nameOf(mark)));
}

/** What is unusual about a scored event, in sentences, strongest first: what a verdict would be about. */
export const aboutOf = (event: AccessEvent, { p, stratum, terms }: Pick<Assessment, 'p' | 'stratum' | 'terms'>): string[] =>
  terms
    .filter((term) => marksOf({ event, p, stratum, terms: [term] }, observe(event).values, undefined).length > 0)
    .map((term: Term) => sentenceOf(term));

/**
 * The score that an event would get if the verdict stood when it came: its marks alone. What a benign verdict absorbs comes on top and lowers it further.
 * An event that the verdict does not speak of keeps its score.
 *
 * @param snapshot to calibrate with; the newest one, so that all events of a preview are measured alike
 * @param alertsPerThousand budget in force: it says which p alarms
 */
export function previewUnder(
  verdict: Pick<Verdict, 'kind' | 'author' | 'at' | 'expiresAt'>,
  marks: readonly Mark[],
  event: AccessEvent,
  assessment: Assessment,
  snapshot: Snapshot,
  alertsPerThousand = DEFAULT_BUDGET,
): Preview {
  const population = populationOf(snapshot);
  const { stratum } = assessment;
  const { values } = observe(event);
  const own: VerdictInForce = { u: '', i: verdict.kind, a: verdict.at, z: verdict.expiresAt, n: verdict.author, m: [...marks] };
  const said = { own: [own], shared: undefined, groups: [], at: verdict.at };
  const touched: string[] = [];
  const ps = assessment.terms.map((term) => {
    const weighed = verdictsOn(term.feature, term, term.evidence, values, said, PARAMETERS);
    if (!weighed || term.evidence <= 0) return term.p;
    touched.push(term.feature);
    const evidence = quantise(weighed.evidence);
    const prior = MODELS.find(({ id }) => id === term.feature)?.priorP(evidence) ?? markovP(evidence);
    const p = population.calibrator(term.feature, stratum).p(evidence, prior);
    return verdict.kind === 'benign' ? Math.max(term.p, p) : Math.min(term.p, p);
  });
  const combined = (all: readonly number[]): number => combinedP(rankWeightedSum(all.toSorted((a, b) => a - b)));
  const now = combined(assessment.terms.map(({ p }) => p));
  const p = touched.length === 0 ? now : combined(ps);
  return {
    score: scoreOf(p),
    scoreNow: scoreOf(now),
    alarms: isAlarming({ ...assessment, p }, snapshot, alertsPerThousand),
    terms: touched,
  };
}

const PARAMETERS = BehaviourParameters.parse({});
