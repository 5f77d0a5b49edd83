import { Secret, silentLogger, type ForeignGap } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { ForeignPlaces } from './foreign-places.js';
import { foreignClientOptions } from './foreign-topics.js';

const AT = { topic: 'hub', partition: 0 };
const bounds = (low: number, high: number) => ({ low, high });

function places(left: number | undefined, low: number, high: number, from: 'earliest' | 'latest' = 'earliest') {
  const gaps: ForeignGap[] = [];
  const onGap = (gap: ForeignGap): void => void gaps.push(gap);
  const made = new ForeignPlaces();
  const positions = left === undefined ? [] : [{ ...AT, nextOffset: left }];
  made.begin('hub', new Map([[0, bounds(low, high)]]), { positions, from, onGap });
  return { made, gaps, onGap, next: () => made.of(AT)?.nextOffset };
}

describe('places in another cluster', () => {
  it.each([
    ['goes on where it was left', 7, 'earliest', 7, []],
    ['begins at the earliest record', undefined, 'earliest', 5, []],
    ['begins at the end when told to', undefined, 'latest', 20, []],
    ['goes on at the earliest record when retention was faster', 3, 'latest', 5, ['expired']],
    ['begins anew when the topic was made anew', 30, 'latest', 5, ['recreated']],
    ['goes on at the end', 20, 'earliest', 20, []],
  ] as const)('%s', (_, left, from, next, kinds) => {
    const one = places(left, 5, 20, from);
    expect(one.next()).toBe(next);
    expect(one.gaps.map(({ kind }) => kind)).toEqual(kinds);
  });

  it('reads a partition from its beginning that was added while nobody looked, also when the very first run began at the end', () => {
    const made = new ForeignPlaces();
    const partitions = new Map([
      [0, bounds(0, 9)],
      [1, bounds(0, 4)],
    ]);
    made.begin('hub', partitions, { positions: [{ ...AT, nextOffset: 6 }], from: 'latest', onGap: () => undefined });
    expect(made.all().map(({ nextOffset }) => nextOffset)).toEqual([6, 0]);
  });

  it('takes an answer that begins at the place, or is about a new partition, and no other', () => {
    const { made } = places(7, 0, 9);
    expect([made.isAt(AT, 7), made.isAt(AT, 0), made.isAt({ topic: 'hub', partition: 9 }, 0)]).toEqual([true, false, true]);
  });

  it('goes back to its place when an answer begins behind it, and the cluster still has it', () => {
    const { made, gaps, onGap, next } = places(7, 0, 20);
    expect(made.find(AT, 12, bounds(0, 20), onGap)).toBe('elsewhere');
    expect([next(), gaps]).toEqual([7, []]);
  });

  it('takes an answer that begins before its place for the sake of what follows', () => {
    const { made, gaps, onGap, next } = places(7, 0, 20);
    expect(made.find(AT, 0, bounds(0, 20), onGap)).toBe('here');
    expect([next(), gaps]).toEqual([7, []]);
  });

  it('tells of what retention took while it read, but not of what it has in hand', () => {
    const { made, gaps, onGap, next } = places(7, 0, 20);
    expect(made.find(AT, 12, bounds(15, 40), onGap)).toBe('here');
    expect([next(), gaps]).toEqual([12, [{ ...AT, kind: 'expired', from: 7, to: 12 }]]);
  });

  it('never goes back by what was passed', () => {
    const { made, next } = places(7, 0, 20);
    made.passed(AT, 9);
    made.passed(AT, 8);
    expect(next()).toBe(9);
  });
});

describe('the connection to another cluster', () => {
  const cluster = { brokers: ['example.servicebus.windows.net:9093'], clientId: 'keyward-hub' };
  it('gives what Event Hubs asks for: TLS, PLAIN, the connection string', () => {
    const password = new Secret('Endpoint=sb://example.servicebus.windows.net/;SharedAccessKeyName=n;SharedAccessKey=k');
    const options = foreignClientOptions(
      { ...cluster, tls: {}, sasl: { mechanism: 'plain', username: '$ConnectionString', password } },
      silentLogger,
    );
    expect(options).toMatchObject({
      ...{ clientId: 'keyward-hub', brokers: cluster.brokers, ssl: true, requestTimeout: 60_000 },
      sasl: { mechanism: 'plain', username: '$ConnectionString', password: password.reveal() },
    });
  });
  it('trusts the authority that it is given, and logs in by SCRAM', () => {
    const sasl = { mechanism: 'scram-sha-512' as const, username: 'u', password: new Secret('p') };
    expect(foreignClientOptions({ ...cluster, tls: { ca: 'PEM' }, sasl }, silentLogger)).toMatchObject({
      ...{ ssl: { ca: ['PEM'] }, sasl: { mechanism: 'scram-sha-512', username: 'u', password: 'p' } },
    });
  });
  it('has neither TLS nor a login without being told', () => {
    const options = foreignClientOptions(cluster, silentLogger);
    expect(['ssl' in options, 'sasl' in options]).toEqual([false, false]);
  });
});
