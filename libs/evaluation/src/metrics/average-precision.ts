/**
 * Average precision: `sum over thresholds of (R_n - R_(n-1)) P_n`, without interpolation. Rows with the same score are one threshold, so that the order
 * within a tie can't flatter anybody.
 *
 * @param order rows, most alarming first
 * @param scores by row @param positive by row, 1 for what should be found
 * @param weights by row, e.g. how often a bootstrap drew its person; default 1 each
 * @returns [0, 1]; NaN when nothing is positive
 * @see Manning, Raghavan & Schütze, "Introduction to Information Retrieval", section 8.4; the same as scikit-learn's `average_precision_score`
 */
export function averagePrecision(
  order: ArrayLike<number>,
  scores: ArrayLike<number>,
  positive: ArrayLike<number>,
  weights?: ArrayLike<number>,
): number {
  let taken = 0;
  let found = 0;
  let area = 0;
  let foundBefore = 0;
  for (let index = 0; index < order.length; index += 1) {
    const row = order[index] ?? 0;
    const weight = weights === undefined ? 1 : (weights[row] ?? 0);
    taken += weight;
    if (positive[row] === 1) found += weight;
    const next = order[index + 1];
    if (next !== undefined && scores[next] === scores[row]) continue;
    if (found > foundBefore) area += (found - foundBefore) * (found / taken);
    foundBefore = found;
  }
  return found === 0 ? NaN : area / found;
}

export interface CurvePoint {
  readonly recall: number;
  readonly precision: number;
}

/** The precision-recall curve, one point for each threshold at which something more is found. @returns by rising recall */
export function precisionRecallCurve(
  order: ArrayLike<number>,
  scores: ArrayLike<number>,
  positive: ArrayLike<number>,
): readonly CurvePoint[] {
  let total = 0;
  for (let index = 0; index < order.length; index += 1) total += positive[order[index] ?? 0] ?? 0;
  const points: CurvePoint[] = [];
  let found = 0;
  let foundBefore = 0;
  for (let index = 0; index < order.length; index += 1) {
    const row = order[index] ?? 0;
    if (positive[row] === 1) found += 1;
    const next = order[index + 1];
    if (next !== undefined && scores[next] === scores[row]) continue;
    if (found > foundBefore) points.push({ recall: found / total, precision: found / (index + 1) });
    foundBefore = found;
  }
  return points;
}
