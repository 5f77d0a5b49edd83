/**
 * Whether what an alert names first is what was done. `expected` holds ids of detections, and features by prefix (`A1` is `A1_network`): models come and
 * go, what was done stays.
 */
export const namesTheCause = (named: string, expected: readonly string[]): boolean =>
  expected.some((cause) => named === cause || named.startsWith(`${cause}_`));
