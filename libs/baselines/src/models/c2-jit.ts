import { AT } from '../level-tables.js';
import { durationStep, minutesOf } from '../counts.js';
import { counterpart, grantedMinutes } from '../privileged-act.js';
import { normalExcessTail } from '../statistics/moments.js';
import { countsOfSingle, usualOf } from './backoff.js';
import { observations, strongest, tailNats, uniformRatio, usualCount } from './measure.js';
import { NO_FACTORS, draftTerm, type DraftTerm, type Evaluation, type Model, type Scene } from './model.js';
import { noveltyText } from './wording.js';

/** Steps squared: a duration is a number somebody picked from a list, never surer than a fifth of it. */
const LEAST_VARIANCE = 1;
const COUNTERPART = ['par'] as const;

/**
 * C2: a time-bound right that is longer than usual, or that an unusual pair asked for and approved. Evidence in nats: the more surprising of
 * -ln P(duration or longer), log-normal, own moments shrunk to the peers'; and of the likelihood ratio of any known counterpart against the identity's own
 * (shrunk to the peers), by Markov's bound a tail too. Where both were looked at, less ln 2.
 */
export const jit: Model = {
  id: 'C2_jit',
  comparable: false,
  priorP: (evidence) => (evidence <= 0 ? 1 : Math.exp(-evidence)),
  evaluate(scene): DraftTerm | undefined {
    const { event } = scene;
    const minutes = grantedMinutes(event);
    const other = counterpart(event);
    if (minutes === undefined && other === undefined) return undefined;
    const length = minutes === undefined ? 0 : lengthNats(scene, minutes);
    const pair = other === undefined ? 0 : pairNats(scene);
    const looks = minutes !== undefined && other !== undefined ? 2 : 1;
    return minutes === undefined || pair > length
      ? draftTerm({ ...pairEvaluation(scene), evidence: strongest(pair, looks) })
      : draftTerm({ ...lengthEvaluation(scene, minutes), evidence: strongest(length, looks) });
  },
  sentence: (term) =>
    term.details?.measured === undefined
      ? `A right was ${term.observed}, ${noveltyText(term, 'approvals')}.`
      : `Took a right for ${duration(term.details.measured.value)}; about ${duration(term.details.measured.expected)} are usual (${term.history} known of this identity).`,
};

function lengthNats(scene: Scene, minutes: number): number {
  const { mean, variance } = usualCount(scene, 'dur');
  return tailNats(2 * normalExcessTail(durationStep(minutes), mean, Math.max(LEAST_VARIANCE, variance)));
}

function lengthEvaluation(scene: Scene, minutes: number): Omit<Evaluation, 'evidence'> {
  const { mean, confidence, history } = usualCount(scene, 'dur');
  const expected = Math.round(minutesOf(mean));
  return {
    observed: `for ${duration(minutes)}`,
    factors: NO_FACTORS,
    usual: [{ value: `up to ${duration(expected)}`, share: 0.5 }],
    counts: observations(scene, 'dur'),
    confidence,
    history: Math.round(history),
    details: { measured: { count: 'dur', value: minutes, expected } },
  };
}

function pairNats({ state, say, chain, params, observation }: Scene): number {
  const value = observation.values.par ?? '';
  return Math.max(
    0,
    uniformRatio(chain, 'par', value, params, { seen: state.tables.get(AT.par, value) * say, total: state.tables.total(AT.par) * say }),
  );
}

function pairEvaluation(scene: Scene): Omit<Evaluation, 'evidence'> {
  const { state, scale, say, params, observation } = scene;
  const total = state.tables.total(AT.par);
  return {
    observed: observation.values.par ?? '',
    factors: NO_FACTORS,
    usual: usualOf(scene, 'par'),
    counts: countsOfSingle(scene, COUNTERPART, observation.values.par ?? ''),
    confidence: (total * say) / (total * say + params.personShrinkage),
    history: Math.round(total * scale),
  };
}

const duration = (minutes: number): string =>
  minutes < 90
    ? `${Math.round(minutes)} minutes`
    : minutes < 48 * 60
      ? `${Math.round(minutes / 6) / 10} hours`
      : `${Math.round(minutes / 144) / 10} days`;
