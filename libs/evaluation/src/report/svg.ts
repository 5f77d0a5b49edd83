export interface Point {
  readonly x: number;
  readonly y: number;
}

/** SVG path data through points. @param steps up or down first, then across: for curves that hold between thresholds */
export function linePath(points: readonly Point[], steps: boolean): string {
  return points.map(({ x, y }, index) => (index === 0 ? `M${x} ${y}` : steps ? `V${y}H${x}` : `L${x} ${y}`)).join('');
}

/** Text safe in SVG content and attributes. */
export const escapeText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
