import { hash32 } from '../observation.js';
import { privilegeUsed } from '../privileged-act.js';
import { gapTail } from '../statistics/moments.js';
import { observations, rounded, tailNats, timesOf, usualCount } from './measure.js';
import { NO_FACTORS, NO_USUAL, draftTerm, type DraftTerm, type Model } from './model.js';

/** a of the rate's Gamma: what the identity's other privileges say of this one counts as three gaps. */
const PRIOR_GAPS = 3;
/** A gap below a day is none. */
const LEAST_MEAN_DAYS = 1;

/**
 * B4: a privilege (an activated right, a credential of the vault) that was not used for long. Evidence -ln p in nats, p the predictive tail of an exponential
 * gap in days: the privilege's own gaps, shrunk to those of all privileges of the identity, these to its peers'. A first use is B1's.
 */
export const rarePrivilege: Model = {
  id: 'B4_rare_privilege',
  comparable: false,
  priorP: (evidence) => (evidence <= 0 ? 1 : Math.exp(-evidence)),
  evaluate(scene): DraftTerm | string | undefined {
    const { event, state, day } = scene;
    const privilege = privilegeUsed(event);
    if (privilege === undefined) return undefined;
    const known = state.useOf(hash32(privilege));
    if (!known) return 'the first use of this privilege: B1 speaks';
    const { first, last, days } = known;
    const gap = Math.max(0, day - last);
    const { mean } = usualCount(scene, 'gap');
    const prior = Math.max(LEAST_MEAN_DAYS, mean);
    const expected = ((PRIOR_GAPS - 1) * prior + last - first) / (PRIOR_GAPS - 1 + days - 1);
    return draftTerm({
      observed: `${privilege.slice(0, 80)} after ${timesOf(gap, 'day', 'days')}`,
      evidence: tailNats(gapTail(gap, days - 1, last - first, PRIOR_GAPS, prior)),
      factors: NO_FACTORS,
      usual:
        gap <= 1 ? NO_USUAL : [{ value: `within ${timesOf(Math.ceil(expected), 'day', 'days')}`, share: shareWithin(Math.ceil(expected)) }],
      counts: { ...observations(scene, 'gap'), person: days },
      confidence: (days - 1) / (days - 1 + PRIOR_GAPS),
      history: days,
      details: { measured: { count: 'gap', value: gap, expected } },
    });
    function shareWithin(within: number): number {
      return Math.round((1 - gapTail(within, days - 1, last - first, PRIOR_GAPS, prior)) * 1e4) / 1e4;
    }
  },
  sentence: ({ observed, details, history }) =>
    `Used ${observed.replace(/ after \d+ days?$/, '')}, last used ${timesOf(details?.measured?.value ?? 0, 'day', 'days')} before; about ${rounded(details?.measured?.expected ?? 0)} days between uses are usual (used on ${timesOf(history, 'day', 'days')}).`,
};
