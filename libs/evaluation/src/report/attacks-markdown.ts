import { quantile } from '../metrics/bootstrap.js';
import { number, percent, shareThat, table } from './markdown-table.js';
import type { AttackVerdict, EvaluationReport } from './report.js';

export function kindTable(attacks: readonly AttackVerdict[]): string {
  const difficulties = [...new Set(attacks.flatMap(({ attack }) => attack.difficulty ?? []))].sort();
  const more = difficulties.map((difficulty): Column => ({
    title: `difficulty ${difficulty}`,
    write: (own) => {
      const played = own.filter(({ attack }) => attack.difficulty === difficulty);
      return played.length === 0 ? '' : `${played.filter(({ isReached }) => isReached).length} of ${played.length}`;
    },
  }));
  return groupTable('kind', attacks, ({ attack }) => attack.kind, more);
}

interface Column {
  readonly title: string;
  readonly write: (own: readonly AttackVerdict[]) => string;
}

export function groupTable(
  heading: string,
  attacks: readonly AttackVerdict[],
  groupOf: (verdict: AttackVerdict) => string,
  more: readonly Column[] = [],
): string {
  const groups = [...new Set(attacks.map(groupOf))].sort();
  return table(
    [
      [heading, 'attacks', 'found', ...more.map(({ title }) => title), 'median rank', 'cause named first', 'named first most often'],
      ...groups.map((group) => {
        const own = attacks.filter((verdict) => groupOf(verdict) === group);
        const ranks = own.map(({ rank }) => rank).sort((a, b) => a - b);
        return [
          group,
          String(own.length),
          percent(shareThat(own, ({ isReached }) => isReached)),
          ...more.map(({ write }) => write(own)),
          number(quantile(ranks, 0.5), 0),
          percent(shareThat(own, ({ isNamedRight }) => isNamedRight)),
          mostOften(own.map(({ named }) => named ?? 'nothing')),
        ];
      }),
    ],
    [false, true, true, ...more.map(() => true), true, true, false],
  );
}

function mostOften(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? '';
}

export function lookAlikeTable({ lookAlikes }: EvaluationReport): string {
  const kinds = [...new Set(lookAlikes.map(({ lookAlike }) => lookAlike.kind))].sort();
  return table(
    [
      ['kind', 'played', 'alerted', 'named first most often'],
      ...kinds.map((kind) => {
        const own = lookAlikes.filter(({ lookAlike }) => lookAlike.kind === kind);
        return [
          kind,
          String(own.length),
          percent(shareThat(own, ({ isReached }) => isReached)),
          mostOften(own.map(({ named }) => named ?? 'nothing')),
        ];
      }),
    ],
    [false, true, true, false],
  );
}

export function missedTable(attacks: readonly AttackVerdict[]): string {
  const missed = attacks.filter(({ isReached }) => !isReached);
  if (missed.length === 0) return 'None.';
  return table(
    [
      ['attack', 'kind', 'difficulty', 'rank', 'named first'],
      ...missed
        .sort((a, b) => a.attack.kind.localeCompare(b.attack.kind) || (a.attack.difficulty ?? 0) - (b.attack.difficulty ?? 0))
        .map(({ attack, rank, named }) => [attack.id, attack.kind, String(attack.difficulty ?? '–'), number(rank, 0), named ?? 'nothing']),
    ],
    [false, false, true, true, false],
  );
}
