import { durationStep, minutesOf } from '../counts.js';
import { approvalSeconds } from '../privileged-act.js';
import { normalTail } from '../statistics/tails.js';
import { observations, tailNats, usualCount } from './measure.js';
import { draftTerm, NO_FACTORS, type DraftTerm, type Model } from './model.js';

/** Steps squared, a factor of two: people are never more punctual than that, whatever ten approvals say. */
const LEAST_VARIANCE = 16;

/**
 * C2: how long the approval of a right took that begins with the act, in seconds from request to approval. Far too fast nobody looked, or one person sat at
 * both ends; far too slow, an old request was taken up again. Evidence in nats: -ln of the two-sided tail `2 P(Z >= |x - m| / s)` with x, m and s in quarter
 * octaves (4 log2 of seconds: waiting times of people are log-normal), own moments shrunk to the peers' and the organisation's.
 *
 * @see Brown et al., "Statistical Analysis of a Telephone Call Center", JASA 100(469), 2005, section 5.2 (log-normal service times)
 */
export const approval: Model = {
  id: 'C2_approval',
  comparable: false,
  priorP: (evidence) => (evidence <= 0 ? 1 : Math.exp(-evidence)),
  evaluate(scene): DraftTerm | undefined {
    const seconds = approvalSeconds(scene.event);
    if (seconds === undefined) return undefined;
    const usual = usualCount(scene, 'lat');
    const deviation = Math.sqrt(Math.max(LEAST_VARIANCE, usual.variance));
    const expected = Math.round(minutesOf(usual.mean));
    return draftTerm({
      observed: `approved after ${waiting(seconds)}`,
      evidence: tailNats(2 * normalTail(Math.abs(durationStep(seconds) - usual.mean) / deviation)),
      factors: NO_FACTORS,
      usual: [{ value: `after ${waiting(expected)}`, share: 0.5 }],
      counts: observations(scene, 'lat'),
      confidence: usual.confidence,
      history: Math.round(usual.history),
      details: { measured: { count: 'lat', value: seconds, expected } },
    });
  },
  sentence: ({ details, history }) =>
    `Took a right that was approved ${waiting(details?.measured?.value ?? 0)} after it was asked for; about ${waiting(details?.measured?.expected ?? 0)} is usual (${history} known of this identity).`,
};

/** `40 seconds`, `25 minutes`, `3.5 hours`. @param seconds >= 0 */
const waiting = (seconds: number): string =>
  seconds < 90
    ? `${Math.round(seconds)} seconds`
    : seconds < 90 * 60
      ? `${Math.round(seconds / 60)} minutes`
      : seconds < 48 * 3_600
        ? `${Math.round(seconds / 360) / 10} hours`
        : `${Math.round(seconds / 8_640) / 10} days`;
