import { describeError } from '@keyward/runtime';

/** Exit codes of every command; `--help` lists them. */
export const EXIT = { ok: 0, failed: 1, usage: 2, unavailable: 3 } as const;

/** A sentence for a person, on standard error: standard output belongs to the command's own lines. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
export function complain(error: unknown): void {
  say(`keyward: ${describeError(error)}`);
}

/** One line that is rewritten in a terminal, and silent elsewhere: logs are not for watching. */
export class Progress {
  readonly #isTerminal = process.stderr.isTTY;
  #written = false;
  update(text: string): void {
    if (!this.#isTerminal) return;
    process.stderr.write(`\r\u001b[K${text}`);
    this.#written = true;
  }
  done(): void {
    if (this.#written) process.stderr.write('\r\u001b[K');
    this.#written = false;
  }
}

const thousands = new Intl.NumberFormat('en');
export const count = (value: number): string => thousands.format(value);
