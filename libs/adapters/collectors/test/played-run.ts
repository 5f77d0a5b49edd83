import { Metrics, silentLogger } from '@keyward/runtime';
import type { Collector, Intake } from '../src/collector.js';
import type { PollContext } from '../src/polling.js';

export const BEGIN = Date.parse('2026-01-05T09:00:00Z');
export const MINUTE = 60_000;

/** How a process ends in a test. */
export class Killed extends Error {}

/** Records and cursor as the bus would keep them. Says when the process dies at a put: before it is stored, or after. */
export class KeptIntake implements Intake {
  readonly records: string[] = [];
  stored: string | undefined;
  deaths: ('before' | 'after' | undefined)[] = [];

  cursor(): Promise<string | undefined> {
    return Promise.resolve(this.stored);
  }
  put(_collector: string, _source: string, records: readonly string[], cursor?: string): Promise<void> {
    const death = this.deaths.shift();
    if (death === 'before') return Promise.reject(new Killed());
    this.records.push(...records);
    this.stored = cursor ?? this.stored;
    return death === 'after' ? Promise.reject(new Killed()) : Promise.resolve();
  }
  /** A member of each record. */
  all(member: string): readonly unknown[] {
    return this.records.map((text) => (JSON.parse(text) as Readonly<Record<string, unknown>>)[member]);
  }
}

/** A clock that only pauses move on. */
export class PlayedTime {
  now = BEGIN;
  readonly pauses: number[] = [];
  /** Numbers of the pauses at which the process dies. */
  deaths: readonly number[] = [];

  /** Runs a collector for so many minutes. @throws Killed, and what the collector throws */
  async run(collector: Collector, intake: Intake, minutes: number, metrics = new Metrics()): Promise<void> {
    const controller = new AbortController();
    const until = this.now + minutes * MINUTE;
    const context: PollContext = {
      ...{ intake, metrics, logger: silentLogger, now: () => this.now },
      sleep: (ms) => {
        this.now += ms;
        this.pauses.push(ms);
        if (this.now >= until) controller.abort(new Error('the end'));
        return this.deaths.includes(this.pauses.length) ? Promise.reject(new Killed()) : Promise.resolve();
      },
    };
    await collector.run(context, controller.signal);
  }
}
