import { describe, expect, it } from 'vitest';
import { cutAtAntimeridian } from './antimeridian.js';

describe('a ring at the edge of the map', () => {
  it('is cut in two where it crosses the 180th meridian', () => {
    const ring = [
      [178, 60],
      [-179, 61],
      [-178, 62],
      [179, 63],
      [178, 60],
    ];
    expect(cutAtAntimeridian(ring)).toEqual([
      [
        [178, 60],
        [180, 61],
        [180, 62],
        [179, 63],
        [178, 60],
      ],
      [
        [-180, 60],
        [-179, 61],
        [-178, 62],
        [-180, 63],
        [-180, 60],
      ],
    ]);
  });
  it('is left alone elsewhere, also when it spans Greenwich', () => {
    const ring = [
      [-5, 50],
      [5, 50],
      [5, 55],
      [-5, 50],
    ];
    expect(cutAtAntimeridian(ring)).toEqual([ring]);
  });
});
