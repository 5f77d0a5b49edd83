const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat('en', { maximumFractionDigits: 1, minimumFractionDigits: 1 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });

const twoDigits = new Intl.NumberFormat('en', { maximumSignificantDigits: 2 });
const manyWords = new Intl.NumberFormat('en', { notation: 'compact', compactDisplay: 'long', maximumSignificantDigits: 2 });

/** `1,204,331`; `–` for what is not a number. */
export const formatCount = (value: number): string => (Number.isFinite(value) ? whole.format(value) : '–');

/** `1.2M` for axes and tiles; whole below 10,000, where the last digits still mean something. */
export const formatShort = (value: number): string => {
  if (!Number.isFinite(value)) return '–';
  return Math.abs(value) < 10_000 ? whole.format(value) : short.format(value);
};

/** A score or risk of 0 to 100, whole. A score above nothing is never shown as 0. */
export function formatScore(score: number): string {
  if (!Number.isFinite(score)) return '–';
  if (score > 0 && score < 1) return '<1';
  return whole.format(Math.min(100, Math.max(0, score)));
}

/** `0.42` to `42%`; a share above nothing is never shown as 0%, nor one below all as 100%. */
export function formatShare(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const percent = share * 100;
  if (percent > 0 && percent < 1) return '<1%';
  if (percent > 99 && percent < 100) return '>99%';
  return `${whole.format(percent)}%`;
}

/** Events a second: one decimal below 10, whole above. A trickle is never shown as nothing. */
export function formatRate(perSecond: number): string {
  if (!Number.isFinite(perSecond)) return '–';
  if (perSecond > 0 && perSecond < 0.1) return '<0.1';
  return perSecond === 0 ? '0' : perSecond < 10 ? one.format(perSecond) : whole.format(perSecond);
}

/** A probability as people say it: `1 in 3,200`, `1 in 3.1 billion`. Two digits: nobody knows more of them. */
export function formatOdds(p: number): string {
  if (!(p > 0)) return 'practically never';
  if (p >= COMMON_P) return 'not rare';
  const of = Math.max(2, 1 / p);
  return `1 in ${of < 999_500 ? twoDigits.format(of) : manyWords.format(of)}`;
}
/** From here on every other act is as far from usual. */
export const COMMON_P = 0.5;

/** `1 alert`, `12 alerts`. */
export const plural = (count: number, one_: string, many = `${one_}s`): string => `${formatCount(count)} ${count === 1 ? one_ : many}`;
