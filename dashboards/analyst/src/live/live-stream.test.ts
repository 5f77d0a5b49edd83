import { beforeEach, describe, expect, it } from 'vitest';
import { LiveStream, type EventSourceLike, type LiveState } from './live-stream.js';

class PlayedSource implements EventSourceLike {
  onopen: ((event: Event) => void) | null = null;
  onerror: ((event: Event) => void) | null = null;
  closed = false;
  readonly #listeners = new Map<string, (event: MessageEvent<string>) => void>();
  addEventListener(kind: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(kind, listener);
  }
  close(): void {
    this.closed = true;
  }
  send(kind: string, data: string): void {
    this.#listeners.get(kind)?.(new MessageEvent(kind, { data }));
  }
}

const sources: PlayedSource[] = [];
const waits: { work: () => void; ms: number }[] = [];
const states: LiveState[] = [];
const events: string[] = [];
let gaps = 0;
const stream = (): LiveStream =>
  new LiveStream(
    {
      open: () => {
        const source = new PlayedSource();
        sources.push(source);
        return source;
      },
      later: (work, ms) => {
        waits.push({ work, ms });
        return () => undefined;
      },
    },
    { state: (state) => states.push(state), event: (event) => events.push(event.kind), gap: () => gaps++ },
  );

beforeEach(() => {
  for (const list of [sources, waits, states, events]) list.length = 0;
  gaps = 0;
});
const open = (): void => sources.at(-1)!.onopen?.(new Event('open'));
const fail = (): void => sources.at(-1)!.onerror?.(new Event('error'));

describe('live stream', () => {
  it('says that it is live once the connection stands', () => {
    stream().start();
    open();
    expect(states).toEqual(['connecting', 'live']);
  });

  it('connects again with doubling pauses, and asks for everything after a gap', () => {
    stream().start();
    open();
    fail();
    waits[0]!.work();
    fail();
    waits[1]!.work();
    open();
    expect(waits.map((wait) => wait.ms)).toEqual([1_000, 2_000]);
    expect(gaps).toBe(1);
    expect(sources.map((source) => source.closed)).toEqual([true, true, false]);
  });

  it('hands on what keeps the contract and drops the rest', () => {
    stream().start();
    open();
    sources[0]!.send('alert_status', JSON.stringify({ kind: 'alert_status', uid: 'a1', status: 'resolved', user: 'mia' }));
    sources[0]!.send('alert_status', '{"kind":"alert_status"}');
    sources[0]!.send('alert', 'not json');
    expect(events).toEqual(['alert_status']);
  });

  it('closes when it is paused, and opens again', () => {
    const live = stream();
    live.start();
    live.pause();
    expect([states.at(-1), sources[0]!.closed]).toEqual(['paused', true]);
    live.start();
    expect(sources).toHaveLength(2);
  });
});
