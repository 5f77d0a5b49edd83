import { expect, it } from 'vitest';
import { halfLivesBetween, readScale, UNIT, weightOn } from './decay.js';

it('reads an event as 1 on its day, as a half thirty days later', () => {
  expect(weightOn(100, 100)).toBe(UNIT);
  expect(weightOn(100, 100) * readScale(100, 100)).toBe(1);
  expect(weightOn(100, 100) * readScale(130, 100)).toBe(0.5);
  expect(weightOn(115, 100) * readScale(115, 100)).toBeCloseTo(1, 2);
});
it('counts whole half-lives only, and none backwards', () => {
  expect([halfLivesBetween(100, 129), halfLivesBetween(100, 130), halfLivesBetween(100, 190), halfLivesBetween(100, 50)]).toEqual([
    0, 1, 3, 0,
  ]);
});
