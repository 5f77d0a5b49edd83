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
    if (Number.isFinite(time))
      this.#count('time', isSameTime(event, time), where, new Date(event.time).toISOString(), new Date(time).toISOString());
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

/** Sources whose lines name no zone, and whose expectation is read in one that only its test knows. */
const ZONE_OF_TEST: ReadonlySet<string> = new Set(['keycloak']);
const HOUR_MS = 3_600_000;

/** The same instant; or the same but for the year, which BSD lines have not: whoever reads them gives them one. */
function isSameTime({ time, source }: AccessEvent, expected: number): boolean {
  if (time === expected || new Date(time).toISOString().slice(4) === new Date(expected).toISOString().slice(4)) return true;
  return ZONE_OF_TEST.has(source) && (time - expected) % HOUR_MS === 0 && Math.abs(time - expected) <= 14 * HOUR_MS;
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
