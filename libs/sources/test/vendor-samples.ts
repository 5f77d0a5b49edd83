import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** Vendor samples lie beside the project where they may be used at all; their licences forbid copies inside it. */
const SAMPLES = resolve(import.meta.dirname, '../../../../shared/samples');

export const haveSamples = existsSync(SAMPLES);
/** For `describe.skipIf`: says in the test's name why it is skipped. */
export const samplesNote = haveSamples ? '' : ' (skipped: ../shared/samples is absent)';

export const samplePath = (...parts: readonly string[]): string => resolve(SAMPLES, ...parts);
export const sampleFiles = (folder: string, ending: string): readonly string[] =>
  readdirSync(samplePath(folder))
    .filter((name) => name.endsWith(ending))
    .map((name) => samplePath(folder, name));
export const sampleText = (path: string): string => readFileSync(path, 'utf8');
export const sampleJson = (path: string): unknown => JSON.parse(sampleText(path));

/** Counts how often a field agrees with the expectation, and remembers where it doesn't. */
export class AgreementTable {
  readonly #fields = new Map<string, { agree: number; total: number }>();
  readonly differences: string[] = [];

  compare(field: string, where: string, actual: unknown, expected: unknown): void {
    const agrees = actual === expected;
    const counts = this.#fields.get(field) ?? { agree: 0, total: 0 };
    this.#fields.set(field, { agree: counts.agree + (agrees ? 1 : 0), total: counts.total + 1 });
    if (!agrees) this.differences.push(`${where}: ${field} is ${String(actual)}, expected ${String(expected)}`);
  }

  get share(): number {
    const counts = [...this.#fields.values()];
    return counts.reduce((sum, one) => sum + one.agree, 0) / counts.reduce((sum, one) => sum + one.total, 0);
  }

  shareOf(field: string): number {
    const counts = this.#fields.get(field);
    return counts ? counts.agree / counts.total : NaN;
  }

  get text(): string {
    const rows = [...this.#fields].map(
      ([field, { agree, total }]) => `${field.padEnd(12)} ${String(agree)}/${String(total)} ${((100 * agree) / total).toFixed(1)} %`,
    );
    return [...rows, `all fields   ${(100 * this.share).toFixed(2)} %`].join('\n');
  }
}
