import type { Term } from '../assessment.js';

/** `AS64496 (DE) 94 %, AS64497 (DE) 6 %` */
export const usualText = (usual: readonly { readonly value: string; readonly share: number }[]): string =>
  usual.map(({ value, share }) => `${value} ${Math.round(share * 100)} %`).join(', ');

/** @returns a sentence's second half: how new the value is to the person, and what is usual instead */
export function noveltyText({ counts: { person }, history, usual }: Pick<Term, 'counts' | 'history' | 'usual'>, noun: string): string {
  if (history === 0) return `nothing is known of this identity's ${noun} yet`;
  const often = person === 0 ? `never seen for this identity in ${history} ${noun}` : `seen in ${atLeastOne(person)} of ${history} ${noun}`;
  return `${often}; usual: ${usualText(usual)}`;
}
const atLeastOne = (count: number): number => Math.max(1, Math.round(count));
