import { durationStep, minutesOf } from '../counts.js';
import { movedBytes } from '../privileged-act.js';
import { normalExcessTail } from '../statistics/moments.js';
import { observations, tailNats, usualCount } from './measure.js';
import { draftTerm, NO_FACTORS, type DraftTerm, type Model } from './model.js';

/** Steps squared, a factor of two: sizes are never known better. */
const LEAST_VARIANCE = 16;

/**
 * B3: bytes that one session, file or query moved, more than usual. Evidence in nats: -ln P(x or more), x in quarter octaves (4 log2 of bytes: sizes of
 * transfers are log-normal over many orders of magnitude), own moments shrunk to the peers' and the organisation's. One act by itself: that there are many of
 * them is for B3's counts.
 *
 * @see Downey, "The structural cause of file size distributions", MASCOTS 2001 (log-normal sizes); scoring.md section 2
 */
export const bytes: Model = {
  id: 'B3_bytes',
  comparable: false,
  priorP: (evidence) => (evidence <= 0 ? 1 : Math.exp(-evidence)),
  evaluate(scene): DraftTerm | undefined {
    const moved = movedBytes(scene.event);
    if (moved === undefined) return undefined;
    const usual = usualCount(scene, 'qty');
    const expected = Math.round(minutesOf(usual.mean));
    return draftTerm({
      observed: `${sizeOf(moved)} moved`,
      evidence: tailNats(2 * normalExcessTail(durationStep(moved), usual.mean, Math.max(LEAST_VARIANCE, usual.variance))),
      factors: NO_FACTORS,
      usual: [{ value: `up to ${sizeOf(expected)}`, share: 0.5 }],
      counts: observations(scene, 'qty'),
      confidence: usual.confidence,
      history: Math.round(usual.history),
      details: { measured: { count: 'qty', value: moved, expected } },
    });
  },
  sentence: ({ details, history }) =>
    `Moved ${sizeOf(details?.measured?.value ?? 0)}; about ${sizeOf(details?.measured?.expected ?? 0)} is usual (${history} known of this identity).`,
};

const UNITS = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;
/** `512 bytes`, `1.4 MB`: decimal units (IEC 80000-13). @param size >= 0 */
function sizeOf(size: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, size)) / 3)));
  const value = size / 1_000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : Math.round(value * 10) / 10} ${UNITS[power] ?? 'bytes'}`;
}
