/** A generator of pseudo-random numbers with a seed (mulberry32): the same seed, the same records. @returns numbers in [0, 1) */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What breaks parsers: separators, escapes, quotes, nothing, too much, other alphabets, names of prototypes. */
const PIECES: readonly string[] = [
  ...[
    '"',
    "'",
    '\\',
    '\\u0000',
    '\ufffd',
    '\u2028',
    '=',
    ';',
    ',',
    '|',
    '<',
    '>',
    '&',
    '{',
    '}',
    '[',
    ']',
    ' ',
    '\t',
    ':',
    '-',
    '@',
    '%',
    '\ufeff',
  ],
  ...[
    '""',
    '\\"',
    '\\=',
    '\\|',
    '{"',
    '}}',
    ']]',
    'null',
    '-1',
    '1e999',
    '<134>',
    'CEF:0|',
    '__proto__',
    'constructor',
    'é',
    '日本',
    '🔑',
    '٣',
    '\u0130',
  ],
  ...[
    '='.repeat(300),
    '"'.repeat(301),
    '('.repeat(200),
    'a=b;'.repeat(200),
    ' '.repeat(500),
    '\\'.repeat(333),
    '/'.repeat(400),
    '9'.repeat(400),
    '.'.repeat(300),
  ],
];
const VALUES: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1e308,
    NaN,
    '',
    ' ',
    '-',
    'N/A',
    [],
    {},
    [[]],
    [null],
    { '': '' },
    '0000-00-00T00:00:00Z',
    '1970-01-01',
    '9999-12-31T23:59:59Z',
  ],
  ...[
    '999.999.999.999',
    '::',
    '[::1]:99999',
    '%00',
    'a'.repeat(3_000),
    'a@b@c\\d',
    '\\',
    'DOMAIN\\',
    '@',
    'constructor',
    ['constructor'],
    { toString: 1 },
  ],
];

/** Changes a record in one to four ways: in its text, or, where it is JSON, in its structure. */
export class Mutator {
  readonly #random: () => number;

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  pick<T>(from: readonly T[]): T {
    const at = Math.floor(this.#random() * from.length);
    const picked = from[at];
    if (picked === undefined && at >= from.length) throw new Error('nothing to pick from');
    return picked as T;
  }

  #at(length: number): number {
    return Math.floor(this.#random() * (length + 1));
  }

  /** @param other another record, a piece of which may be spliced in */
  mutate(record: string, other: string): string {
    let text = record;
    const json = this.#random() < 0.6 ? jsonOf(text) : undefined;
    if (json !== undefined) {
      for (let times = 1 + this.#at(3); times > 0; times -= 1) this.#inStructure(json);
      text = JSON.stringify(json);
      if (this.#random() < 0.8) return text;
    }
    for (let times = 1 + this.#at(2); times > 0; times -= 1) text = this.#inText(text, other);
    // A line is a record: a break inside would make two of it.
    return text.replace(/[\r\n]/g, ' ');
  }

  #inText(text: string, other: string): string {
    const from = this.#at(text.length);
    const to = Math.min(text.length, from + this.#at(40));
    switch (this.#at(6)) {
      case 0:
        return text.slice(0, from) + text.slice(to);
      case 1:
        return text.slice(0, from) + this.pick(PIECES) + text.slice(from);
      case 2:
        return text.slice(0, to) + text.slice(from, to).repeat(1 + this.#at(20)) + text.slice(to);
      case 3:
        return text.slice(0, from);
      case 4:
        return text.slice(from);
      case 5:
        return text.slice(0, from) + other.slice(this.#at(other.length));
      default:
        return text.slice(0, from) + String.fromCharCode(this.#at(0xd7ff)) + text.slice(from + 1);
    }
  }

  #inStructure(root: object): void {
    let current: object = root;
    for (let depth = 0; depth < 12; depth += 1) {
      const keys = Object.keys(current);
      if (keys.length === 0) break;
      const key = this.pick(keys);
      const value: unknown = Reflect.get(current, key);
      if (typeof value === 'object' && value !== null && this.#random() < 0.7) {
        current = value;
        continue;
      }
      const choice = this.#at(4);
      if (choice === 0) Reflect.deleteProperty(current, key);
      else if (choice === 1) Reflect.set(current, this.pick(['user', 'events', 'records', 'name', 'time', 'x', '']), value);
      else if (choice === 2 && typeof value === 'string') Reflect.set(current, key, this.#inText(value, value));
      // A copy: what is put in may be changed next, and the table stays as it is.
      else Reflect.set(current, key, structuredClone(this.pick(VALUES)));
      return;
    }
  }
}

function jsonOf(text: string): object | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
