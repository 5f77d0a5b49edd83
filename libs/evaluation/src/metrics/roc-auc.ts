/**
 * Area under the ROC curve: the chance that a positive row ranks above a negative one, ties counting half (Mann-Whitney U). A side figure only: with one
 * positive in a thousand rows, 0.99 can still mean a hundred false alarms for each true one.
 *
 * @param order rows, most alarming first @returns [0, 1]; NaN when all rows are of one kind
 */
export function rocAuc(order: ArrayLike<number>, scores: ArrayLike<number>, positive: ArrayLike<number>): number {
  let positives = 0;
  let negatives = 0;
  let wins = 0;
  let index = 0;
  while (index < order.length) {
    let tiedPositives = 0;
    let tiedNegatives = 0;
    const score = scores[order[index] ?? 0];
    for (; index < order.length && scores[order[index] ?? 0] === score; index += 1) {
      if (positive[order[index] ?? 0] === 1) tiedPositives += 1;
      else tiedNegatives += 1;
    }
    wins += tiedNegatives * (positives + tiedPositives / 2);
    positives += tiedPositives;
    negatives += tiedNegatives;
  }
  return positives === 0 || negatives === 0 ? NaN : wins / (positives * negatives);
}
