import { describe, expect, it } from 'vitest';
import { FetchRounds } from './fetch-rounds.js';

const P = { topic: 'access.events', partition: 0 };
const Q = { topic: 'access.events', partition: 1 };

describe('telling that a partition has caught up', () => {
  it('does so after one whole answered round without records of it', () => {
    const rounds = new FetchRounds();
    rounds.assign([P, Q]);
    expect(rounds.begins(1)).toEqual([]);
    rounds.answered();
    rounds.moved(Q);
    expect(rounds.begins(1)).toEqual([P]);
    rounds.answered();
    expect(rounds.begins(1)).toEqual([P, Q]);
  });
  it('never does so while the broker does not answer', () => {
    const rounds = new FetchRounds();
    rounds.assign([P]);
    for (let round = 0; round < 5; round += 1) expect(rounds.begins(1)).toEqual([]);
  });
  it('waits for every broker that is asked', () => {
    const rounds = new FetchRounds();
    rounds.assign([P]);
    rounds.begins(1);
    rounds.begins(2);
    rounds.answered();
    expect(rounds.begins(1)).toEqual([]);
    expect(rounds.begins(2)).toEqual([P]);
  });
});
