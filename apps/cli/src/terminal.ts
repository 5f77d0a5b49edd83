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

/** Lines of a log, where nobody watches: one in so many seconds. */
const LOG_EVERY_MS = 10_000;

/** One line that is rewritten in a terminal; elsewhere a line now and then, so that a log shows that something goes on. */
export class Progress {
  readonly #isTerminal = process.stderr.isTTY;
  #writtenAt = 0;
  update(text: string): void {
    const now = performance.now();
    if (this.#isTerminal) process.stderr.write(`\r\u001b[K${text}`);
    else if (now - this.#writtenAt < LOG_EVERY_MS) return;
    else say(text);
    this.#writtenAt = now;
  }
  done(): void {
    if (this.#isTerminal && this.#writtenAt > 0) process.stderr.write('\r\u001b[K');
    this.#writtenAt = 0;
  }
}

const thousands = new Intl.NumberFormat('en');
export const count = (value: number): string => thousands.format(value);
