import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

/**
 * Metrics of one process: `keyward_<stage>_<noun>_<unit|total>`, labels from closed sets only, never an account.
 * A metric asked for twice is the same metric.
 */
export class Metrics {
  readonly registry = new Registry();
  readonly #made = new Map<string, unknown>();

  /** CPU, memory, event loop lag, garbage collection. */
  collectProcess(): void {
    collectDefaultMetrics({ register: this.registry });
  }
  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    return this.#once(name, () => new Counter({ name, help, labelNames, registers: [this.registry] }));
  }
  gauge(name: string, help: string, labelNames: readonly string[] = []): Gauge {
    return this.#once(name, () => new Gauge({ name, help, labelNames, registers: [this.registry] }));
  }
  histogram(name: string, help: string, labelNames: readonly string[] = [], buckets = [0.005, 0.02, 0.1, 0.5, 2, 10, 60]): Histogram {
    return this.#once(name, () => new Histogram({ name, help, labelNames, buckets, registers: [this.registry] }));
  }
  #once<M>(name: string, make: () => M): M {
    const known = this.#made.get(name) as M | undefined;
    if (known) return known;
    const made = make();
    this.#made.set(name, made);
    return made;
  }
}
