import type { AccessEvent } from '@keyward/events';

/** Core fields that a public integration's answer and ours can be compared in. */
export const CORE_FIELDS = ['time', 'outcome', 'address', 'user'] as const;
export type CoreField = (typeof CORE_FIELDS)[number];

/** Counts of one source. What an expectation leaves open is not counted. */
export class Agreement {
  readonly #agree = new Map<CoreField, number>();
  readonly #total = new Map<CoreField, number>();
  readonly differences: string[] = [];

  compare(where: string, event: AccessEvent, expected: unknown): void {
    const time = Date.parse(text(expected, '@timestamp') ?? '');
    if (Number.isFinite(time)) this.#count('time', event.time === time, where, event.time, time);
    const outcome = text(expected, 'event', 'outcome');
    if (outcome === 'success' || outcome === 'failure') this.#count('outcome', event.outcome === outcome, where, event.outcome, outcome);
    const address = text(expected, 'source', 'ip') ?? text(expected, 'client', 'ip');
    if (address !== undefined && address !== '0.0.0.0')
      this.#count('address', event.src?.ip === address.toLowerCase(), where, event.src?.ip, address);
    const users = [text(expected, 'user', 'name'), text(expected, 'user', 'id'), text(expected, 'user', 'email')].flatMap((one) =>
      one === undefined ? [] : [bare(one)],
    );
    if (users.length > 0) {
      const names = [event.actor, event.target]
        .flatMap((one) => [one?.name, one?.id, one?.email])
        .flatMap((one) => (one === undefined ? [] : [bare(one)]));
      const agrees = users.some((one) => names.includes(one));
      this.#count('user', agrees, where, names.join(' | '), users.join(' | '));
    }
  }

  #count(field: CoreField, agrees: boolean, where: string, ours: unknown, theirs: unknown): void {
    this.#total.set(field, (this.#total.get(field) ?? 0) + 1);
    if (agrees) this.#agree.set(field, (this.#agree.get(field) ?? 0) + 1);
    else this.differences.push(`${where}: ${field} is ${String(ours)}, expected ${String(theirs)}`);
  }

  /** `98.5 % of 200`, or a dash where nothing can be compared. */
  of(field?: CoreField): string {
    const fields: readonly CoreField[] = field === undefined ? CORE_FIELDS : [field];
    const total = fields.reduce((sum, one) => sum + (this.#total.get(one) ?? 0), 0);
    const agree = fields.reduce((sum, one) => sum + (this.#agree.get(one) ?? 0), 0);
    return total === 0 ? '-' : `${((100 * agree) / total).toFixed(1)} % of ${String(total)}`;
  }
}

function text(value: unknown, ...path: readonly string[]): string | undefined {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as Readonly<Record<string, unknown>>)[key];
  }
  return typeof current === 'string' && current !== '' ? current : undefined;
}

/** Without directory or host: `CORP\anna` and `anna@corp.example.com` are `anna`. */
const bare = (name: string): string => name.toLowerCase().split('\\').at(-1)?.split('@', 1)[0] ?? '';
