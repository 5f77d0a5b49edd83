/** `AS64496 (DE) 94 %, AS64497 (DE) 6 %` */
export const usualText = (usual: readonly { readonly value: string; readonly share: number }[]): string =>
  usual.map(({ value, share }) => `${value} ${Math.round(share * 100)} %`).join(', ');

/** @returns a sentence's second half: how new the value is to the person, and what is usual instead */
export function noveltyText(
  person: number,
  history: number,
  noun: string,
  usual: readonly { readonly value: string; readonly share: number }[],
): string {
  const events = Math.round(history);
  if (events === 0) return `nothing is known of this identity's ${noun} yet`;
  const often = person === 0 ? `never seen for this identity in ${events} ${noun}` : `seen in ${atLeastOne(person)} of ${events} ${noun}`;
  return `${often}; usual: ${usualText(usual)}`;
}
const atLeastOne = (count: number): number => Math.max(1, Math.round(count));
