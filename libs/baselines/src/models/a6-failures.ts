import type { Term } from '../assessment.js';
import { isSignIn } from '../privileged-act.js';
import { countTail } from '../statistics/moments.js';
import { observations, rounded, tailNats, timesOf, usualCount, usualRange } from './measure.js';
import { deviceContinuity } from './continuity.js';
import { smallCountFactor } from './excuses.js';
import { NO_FACTORS, NO_USUAL, draftTerm, type DraftTerm, type Factor, type Model, type Scene } from './model.js';

/** Of somebody who guesses a password: mean number of guesses. */
const GUESSES = 10;

/**
 * A6: failed sign-ins before a successful one (or before one that failed at the second factor only). Evidence -ln p in nats, p the Gamma-Poisson predictive
 * tail, mid-p, of the number of failures before one of this identity's sign-ins: own moments shrunk to the peers' (scoring.md section 2).
 */
export const failures: Model = {
  id: 'A6_failures',
  comparable: false,
  priorP: (evidence) => (evidence <= 0 ? 1 : Math.exp(-evidence)),
  evaluate(scene: Scene): DraftTerm | undefined {
    const { event, state } = scene;
    if (!isSignIn(event)) return undefined;
    const count = state.windows.failuresBefore(event.time);
    const usual = usualCount(scene, 'fail');
    const evidence = count === 0 ? 0 : tailNats(countTail(count, usual.mean, usual.variance));
    return draftTerm({
      observed: timesOf(count, 'failed sign-in before', 'failed sign-ins before'),
      evidence,
      factors: evidence === 0 ? NO_FACTORS : factorsOf(scene, count),
      usual: evidence === 0 ? NO_USUAL : usualRange(usual),
      counts: observations(scene, 'fail'),
      confidence: usual.confidence,
      history: Math.round(usual.history),
      details: count === 0 ? undefined : { measured: { count: 'fail', value: count, expected: usual.mean } },
    });
  },
  sentence: ({ details, history }: Term) =>
    `Signed in after ${timesOf(details?.measured?.value ?? 0, 'failed attempt', 'failed attempts')}; ${rounded(details?.measured?.expected ?? 0)} are usual before a sign-in (${history} known of this identity).`,
};

/** Who forgot a password forgot it at the own desk; who guesses one guesses elsewhere. */
function factorsOf(scene: Scene, count: number): Factor[] {
  const few = smallCountFactor(count, GUESSES);
  const continuity = deviceContinuity(scene);
  return continuity ? [few, { ...continuity, factor: Math.max(0.3, continuity.factor) }] : [few];
}
