import { AT } from '../level-tables.js';
import type { Level } from '../levels.js';
import { backoff, confidenceOf, countsOf, intelligence, usualOf } from './backoff.js';
import { NO_FACTORS, draftTerm, markovP, type DraftTerm, type Model } from './model.js';
import { WITHOUT_SECOND_FACTOR, WITH_SECOND_FACTOR } from '../observation.js';
import { noveltyText } from './wording.js';

const A_DOWNGRADE = { downgrade: true } as const;
const LEVELS: readonly Level[] = ['mth', 'mfa'];
/** Attackers show no second factor about five times as often as everybody: it is what they lack. */
const DOWNGRADE_LIFT = 5;
/** Share of sign-ins with a second factor from which its absence is a downgrade. */
const USUALLY = 0.8;

/**
 * A5: how the actor proved who he is (method, with or without a second factor). Likelihood ratio, in nats. A sign-in without a second factor
 * by somebody who usually shows one is told as an MFA downgrade, and the attacker's side of the ratio is lifted.
 */
export const method: Model = {
  id: 'A5_method',
  comparable: true,
  priorP: markovP,
  evaluate(scene): DraftTerm | string {
    const { mth, mfa } = scene.observation.values;
    if (mth === undefined || mfa === undefined) return 'not a sign-in, or its method is not told';
    const { logRatio, newLevel, history, finest } = backoff(scene, LEVELS, [mth, mfa]);
    const { tables } = scene.state;
    const downgrade = mfa === WITHOUT_SECOND_FACTOR && tables.get(AT.mfa, WITH_SECOND_FACTOR) > USUALLY * tables.total(AT.mfa);
    const counts = countsOf(scene, finest, newLevel ?? 'mth');
    const usual = usualOf(scene, 'mth');
    return draftTerm({
      observed: mth,
      evidence: logRatio + intelligence(scene.params.intelligenceShare, downgrade ? DOWNGRADE_LIFT : 1),
      factors: NO_FACTORS,
      usual,
      counts,
      confidence: confidenceOf(scene, scene.state.tables.total(AT.mth)),
      history: Math.round(history),
      details: downgrade ? A_DOWNGRADE : undefined,
    });
  },
  sentence: (term) =>
    `Signed in by ${term.observed}${term.details?.downgrade === true ? ' (MFA downgrade)' : ''}, ${noveltyText(term, 'sign-ins')}.`,
};
