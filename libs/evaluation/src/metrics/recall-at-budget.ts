/** Rows of which each label (attack or look-alike) consists; a label counts as reached with any one of them. */
export interface LabelRows {
  /** By row: indices of the labels it belongs to; most rows belong to none. */
  readonly ofRow: ReadonlyMap<number, readonly number[]>;
  readonly count: number;
}

/**
 * Which labels are reached when the most alarming rows are looked at, as many as a budget allows.
 *
 * @param budgetRows rows that are looked at; with weights, the sum of their weights
 * @returns by label: 1 when it is reached
 */
export function reachedWithin(
  order: ArrayLike<number>,
  labels: LabelRows,
  budgetRows: number,
  weights?: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const reached = new Uint8Array(labels.count);
  let taken = 0;
  for (let index = 0; index < order.length; index += 1) {
    const row = order[index] ?? 0;
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    if (weight === 0) continue;
    taken += weight;
    if (taken > budgetRows) break;
    for (const label of labels.ofRow.get(row) ?? []) reached[label] = 1;
  }
  return reached;
}

/** Share of the labels that are reached. @param weights by label @returns [0, 1]; NaN when there are none */
export function shareOf(reached: ArrayLike<number>, weights?: ArrayLike<number>): number {
  let sum = 0;
  let hit = 0;
  for (let label = 0; label < reached.length; label += 1) {
    const weight = weights === undefined ? 1 : (weights[label] ?? 0);
    sum += weight;
    if (reached[label] === 1) hit += weight;
  }
  return sum === 0 ? NaN : hit / sum;
}

/** Share of positives among the first k rows. @returns [0, 1]; NaN for no rows */
export function precisionAtK(order: ArrayLike<number>, positive: ArrayLike<number>, k: number): number {
  const rows = Math.min(k, order.length);
  let hits = 0;
  for (let index = 0; index < rows; index += 1) hits += positive[order[index] ?? 0] ?? 0;
  return rows === 0 ? NaN : hits / rows;
}
