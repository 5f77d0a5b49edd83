import { AT } from '../level-tables.js';
import type { Level } from '../levels.js';
import { backoff, confidenceOf, countsOf, usualOf } from './backoff.js';
import { markovP, type Evaluation, type Model } from './model.js';
import { noveltyText } from './wording.js';

const LEVELS: readonly Level[] = ['app'];

/** A5: the application that was signed in to. Likelihood ratio of everybody against the identity, in nats. */
export const application: Model = {
  id: 'A5_application',
  comparable: true,
  priorP: markovP,
  evaluate(scene): Evaluation | string {
    const { app } = scene.observation.values;
    if (app === undefined) return 'no application is named';
    const { logRatio, history, finest } = backoff(scene, LEVELS, [app]);
    const counts = countsOf(scene, finest, 'app');
    const usual = usualOf(scene, 'app');
    return {
      observed: app,
      evidence: logRatio,
      factors: [],
      usual,
      counts,
      confidence: confidenceOf(scene, scene.state.tables.total(AT.app)),
      history: Math.round(history),
    };
  },
  sentence: (term) => `Signed in to ${term.observed}, ${noveltyText(term, 'sign-ins')}.`,
};
