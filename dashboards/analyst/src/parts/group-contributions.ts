import type { RiskContributionView } from '@keyward/contract';

export interface ContributionGroup {
  readonly title: string;
  /** Of the risk now, in [0, 1]. */
  readonly share: number;
  /** Largest share first; at least one. */
  readonly parts: readonly RiskContributionView[];
  /** The newest of the parts, ISO 8601. */
  readonly at: string;
}

/** Contributions of one title as one, largest sum first: nine times the same behaviour is one line, not nine. */
export function groupContributions(contributions: readonly RiskContributionView[]): readonly ContributionGroup[] {
  return [...new Set(contributions.map((part) => part.title))]
    .map((title) => {
      const parts = contributions.filter((part) => part.title === title).sort((a, b) => b.share - a.share);
      return {
        title,
        share: parts.reduce((sum, part) => sum + part.share, 0),
        parts,
        at: parts.reduce((newest, part) => (part.at > newest ? part.at : newest), ''),
      };
    })
    .sort((a, b) => b.share - a.share);
}
