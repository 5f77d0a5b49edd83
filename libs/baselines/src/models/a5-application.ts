import { AT } from '../level-tables.js';
import type { Level } from '../levels.js';
import { backoff, confidenceOf, countsOf, usualOf } from './backoff.js';
import { NO_FACTORS, draftTerm, type DraftTerm, type Model } from './model.js';
import { noveltyP, surpriseAtNew } from './novelty.js';
import { noveltyText } from './wording.js';

const LEVELS: readonly Level[] = ['app'];

/**
 * A5: the application that was signed in to. A known one by the likelihood ratio of everybody against the identity, which speaks for it; a new one by
 * {@link surpriseAtNew}. In nats.
 */
export const application: Model = {
  id: 'A5_application',
  comparable: true,
  priorP: noveltyP,
  evaluate(scene): DraftTerm | string {
    const { app } = scene.observation.values;
    if (app === undefined) return 'no application is named';
    const { logRatio, history, finest, newLevel } = backoff(scene, LEVELS, [app]);
    const { tables } = scene.state;
    const total = tables.total(AT.app);
    const counts = countsOf(scene, finest, 'app');
    const usual = usualOf(scene, 'app');
    return draftTerm({
      observed: app,
      evidence: newLevel === undefined ? Math.min(0, logRatio) : surpriseAtNew(scene, 'app', app, tables.size(AT.app), total * scene.say),
      factors: NO_FACTORS,
      usual,
      counts,
      confidence: confidenceOf(scene, total),
      history: Math.round(history),
    });
  },
  sentence: (term) => `Signed in to ${term.observed}, ${noveltyText(term, 'sign-ins')}.`,
};
