import type { Readiness } from '@keyward/contract';
import { AppError, type Metrics } from '@keyward/runtime';

export interface HealthCheck {
  readonly name: string;
  /** Throws when the part does not work. */
  check(): Promise<void>;
}
/** A part that takes longer does not work. */
const TIMEOUT_MS = 3_000;

/** Whether the parts that the API stands on answer. */
export class Health {
  readonly #checks: readonly HealthCheck[];
  readonly #metrics: Metrics;

  constructor(checks: readonly HealthCheck[], metrics: Metrics) {
    this.#checks = checks;
    this.#metrics = metrics;
  }

  async check(): Promise<Readiness> {
    const checks = await Promise.all(this.#checks.map((check) => this.#one(check)));
    return { status: checks.every((check) => check.ok) ? 'ok' : 'unavailable', checks };
  }

  metrics(): Promise<string> {
    return this.#metrics.registry.metrics();
  }
  get metricsContentType(): string {
    return this.#metrics.registry.contentType;
  }

  async #one(part: HealthCheck): Promise<Readiness['checks'][number]> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await Promise.race([
        part.check(),
        new Promise<never>((_, reject) => {
          timer = setTimeout(() => {
            reject(new Error('no answer'));
          }, TIMEOUT_MS);
        }),
      ]);
      return { name: part.name, ok: true };
    } catch (error) {
      // Codes only: a driver's sentence may name hosts and users.
      return { name: part.name, ok: false, detail: error instanceof AppError ? error.code : 'no answer' };
    } finally {
      clearTimeout(timer);
    }
  }
}
