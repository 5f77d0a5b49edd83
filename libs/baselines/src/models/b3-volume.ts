import { countTail } from '../statistics/moments.js';
import { givesRight, takesSecret } from '../privileged-act.js';
import { observations, rounded, strongest, tailNats, usualCount, usualRange, type UsualCount } from './measure.js';
import { announcedFactor, smallCountFactor } from './excuses.js';
import { NO_FACTORS, NO_USUAL, draftTerm, type DraftTerm, type Factor, type Model, type Scene } from './model.js';

type Volume = 'hour' | 'dst' | 'sec' | 'grt';
interface Look {
  readonly volume: Volume;
  readonly value: number;
}

const OBSERVED: Readonly<Record<Volume, readonly [one: string, many: string]>> = {
  hour: ['act within the hour', 'acts within the hour'],
  dst: ['target on the day', 'different targets on the day'],
  sec: ['password or secret taken out on the day', 'passwords and secrets taken out on the day'],
  grt: ['right given to others on the day', 'rights given to others on the day'],
};
const SAID: Readonly<Record<Volume, readonly [before: string, after: string, known: string]>> = {
  hour: ['Did ', ' acts within an hour', 'active hours'],
  dst: ['Reached for ', ' different targets in a day', 'active days'],
  sec: ['Took ', ' passwords or secrets out in a day', 'active days'],
  grt: ['Gave ', ' rights to others in a day', 'active days'],
};
/** Of somebody who abuses the account: mean of each count. */
const ABUSE: Readonly<Record<Volume, number>> = { hour: 10, dst: 5, sec: 5, grt: 3 };
const isVolume = (count: string | undefined): count is Volume => count === 'hour' || count === 'dst' || count === 'sec' || count === 'grt';

/**
 * B3: volumes. Acts within the clock hour; with the act that adds one, distinct targets, secrets taken out and rights given on the UTC day. Evidence -ln p in
 * nats, p the Gamma-Poisson predictive tail, mid-p, of each window's total, own moments shrunk to the peers'; the most surprising of them, less ln of how many
 * were looked at. What the window holds so far is compared with totals of whole windows: it is judged no sooner than it is large.
 */
export const volume: Model = {
  id: 'B3_volume',
  comparable: false,
  priorP: (evidence) => (evidence <= 0 ? 1 : Math.exp(-evidence)),
  evaluate(scene): DraftTerm | string {
    const counts = observations(scene, 'hour');
    if (counts.person === 0 && counts.all === 0) return 'nothing is known of volumes yet';
    const looks = looksAt(scene);
    let best = looks[0];
    if (!best) return 'a background act, or a record from before the newest hour';
    let nats = 0;
    let usual: UsualCount | undefined;
    for (const look of looks) {
      const expected = usualCount(scene, look.volume);
      const { mean, variance } = expected;
      usual ??= expected;
      // The first act of an hour is what makes it an hour: only what follows is counted.
      const here = tailNats(countTail(look.volume === 'hour' ? look.value - 1 : look.value, mean, variance));
      if (here <= nats) continue;
      nats = here;
      best = look;
      usual = expected;
    }
    usual ??= usualCount(scene, best.volume);
    const evidence = strongest(nats, looks.length);
    return draftTerm({
      observed: observedOf(best),
      evidence,
      factors: evidence > 0 ? factorsOf(scene, best, evidence) : NO_FACTORS,
      usual:
        evidence === 0
          ? NO_USUAL
          : usualRange(best.volume === 'hour' ? { ...usual, mean: usual.mean + 1, variance: usual.variance + 1 } : usual),
      counts: best.volume === 'hour' ? counts : observations(scene, best.volume),
      confidence: usual.confidence,
      history: Math.round(usual.history),
      details:
        evidence === 0
          ? undefined
          : { measured: { count: best.volume, value: best.value, expected: usual.mean + (best.volume === 'hour' ? 1 : 0) } },
    });
  },
  sentence({ details, history, observed }) {
    const measured = details?.measured;
    if (!isVolume(measured?.count)) return `${observed}, as usual.`;
    const [before, after, known] = SAID[measured.count];
    return `${before}${measured.value}${after}; about ${rounded(measured.expected)} are usual (${history} ${known} known of this identity).`;
  },
};

/** Texts of small counts, which are nearly all, made once each. */
const TEXTS: Readonly<Record<Volume, string[]>> = { hour: [], dst: [], sec: [], grt: [] };
const MOST_TEXTS = 1_000;
function observedOf({ volume: name, value }: Look): string {
  const text = (): string => `${value} ${OBSERVED[name][value === 1 ? 0 : 1]}`;
  return value < MOST_TEXTS ? (TEXTS[name][value] ??= text()) : text();
}

function looksAt({ event, observation, state, automated }: Scene): readonly Look[] {
  const { windows } = state;
  let looks: readonly Look[] = [];
  const look = (name: Volume, value: number | undefined): void => {
    if (value !== undefined) looks = looks.length === 0 ? [{ volume: name, value }] : [...looks, { volume: name, value }];
  };
  // A machine repeats itself in the background, so how many different targets it reaches for says something, and how often does not.
  if (observation.deliberate || automated) look('hour', windows.actsWith(event.time));
  if (observation.target !== undefined) look('dst', windows.targetsWith(event.time, observation.target));
  if (takesSecret(event)) look('sec', windows.secretsWith(event.time));
  if (givesRight(event)) look('grt', windows.grantsWith(event.time));
  return looks;
}

function factorsOf(scene: Scene, { volume: name, value }: Look, evidence: number): Factor[] {
  const { organisation, identity, event } = scene;
  // A service does the same all day: a few more are no sign of a person's burst.
  const factors = scene.automated ? [] : [smallCountFactor(value, ABUSE[name])];
  const ticket = announcedFactor(scene, identity, evidence);
  if (ticket) factors.push(ticket);
  if (organisation.isOnCall(identity, event.time)) factors.push({ name: 'on call at this time', factor: 0.7 });
  return factors;
}
