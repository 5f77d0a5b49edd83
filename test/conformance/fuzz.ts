import { AccessEvent, type ParseResult } from '@keyward/events';
import { parseSlice, type Slice, type Source } from '@keyward/sources';
import { chosen, haveShared, NOW, ownFiles, slicesOf, vendorFiles } from './catalogue.js';
import { Mutator } from './mutate.js';

const HELP = `npm run fuzz [-- <source id> ...] [--records=1000000] [--seed=1]

Reads mutated records of all sources: from their own samples and, where they are, from ../shared/samples.
Fails on a crash (a parser that throws), a record that takes more than 50 ms, a record without exactly one answer, an event that is none.
`;

const MAX_MS = 50;
/** A pause of the machine is no hang of the parser: what took long is read again, and the best of these counts. */
const SUSPECT_MS = 5;
const REPEATS = 3;
/** Counting what a line asks for, and checking an event against the schema, cost more than reading the record. */
const CHECK_EVERY = 10;

interface Base {
  readonly source: Source;
  readonly texts: readonly string[];
}

const textsOf = (source: Source): readonly string[] =>
  [...ownFiles(source), ...vendorFiles(source)].flatMap((file) =>
    slicesOf(source, file).flatMap((slice) => (slice.kind === 'text' && slice.text.length < 20_000 ? [slice.text] : [])),
  );

/** @returns the exit code */
export function fuzz(argv: readonly string[]): number {
  if (argv.includes('--help')) return print(HELP);
  const records = numberOf(argv, 'records', 1_000_000);
  const mutator = new Mutator(numberOf(argv, 'seed', 1));
  const bases = chosen(argv.filter((one) => !one.startsWith('--')))
    .map((source): Base => ({ source, texts: textsOf(source) }))
    .filter(({ texts }) => texts.length > 0);
  const counts = new Map<string, Record<ParseResult['kind'], number>>(
    bases.map(({ source }) => [source.id, { kept: 0, ignored: 0, rejected: 0 }]),
  );
  /** By source and kind: one bug met a thousand times is one. */
  const troubles = new Map<string, { readonly first: string; times: number }>();
  let slowest = { ms: 0, source: '', text: '' };
  const from = performance.now();
  for (let done = 0; done < records; done += 1) {
    const base = bases[done % bases.length];
    if (base === undefined) break;
    const { source, texts } = base;
    const text = mutator.mutate(mutator.pick(texts), mutator.pick(texts));
    const slice: Slice = { kind: 'text', line: 1, text };
    const began = performance.now();
    const results = parseSlice(source, slice, { now: NOW });
    let ms = performance.now() - began;
    if (ms > SUSPECT_MS) ms = Math.min(ms, bestOf(source, slice));
    if (ms > slowest.ms) slowest = { ms, source: source.id, text };
    const wrong = ms > MAX_MS ? `took more than ${String(MAX_MS)} ms` : troubleOf(source, text, results, done);
    if (wrong !== undefined) note(troubles, `${source.id}: ${wrong}`, `record ${String(done)}: ${text.slice(0, 600)}`);
    const count = counts.get(source.id);
    for (const result of results) if (count) count[result.kind] += 1;
  }
  const seconds = (performance.now() - from) / 1_000;
  for (const [id, { kept, ignored, rejected }] of counts)
    print(`${id.padEnd(12)} kept ${String(kept)}, ignored ${String(ignored)}, rejected ${String(rejected)}\n`);
  print(
    `\n${String(records)} mutated records in ${seconds.toFixed(0)} s; the slowest took ${slowest.ms.toFixed(1)} ms (${slowest.source}, ${String(slowest.text.length)} characters).\n`,
  );
  if (!haveShared) print('Mutated from our own samples alone: ../shared/samples is absent.\n');
  if (troubles.size === 0) print('No crash, no hang, no lost record.\n');
  for (const [what, { first, times }] of troubles) print(`\n${what} (${String(times)} times)\n  ${first}\n`);
  return troubles.size === 0 ? 0 : 1;
}

function note(troubles: Map<string, { readonly first: string; times: number }>, what: string, first: string): void {
  const known = troubles.get(what);
  if (known) known.times += 1;
  else troubles.set(what, { first, times: 1 });
}

function bestOf(source: Source, slice: Slice): number {
  let best = Infinity;
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    const began = performance.now();
    parseSlice(source, slice, { now: NOW });
    best = Math.min(best, performance.now() - began);
  }
  return best;
}

function troubleOf(source: Source, text: string, results: readonly ParseResult[], done: number): string | undefined {
  const bug = results.find((result) => result.kind === 'rejected' && result.code === 'parser_bug');
  if (bug?.kind === 'rejected') return `crash: ${bug.message}`;
  const isChecked = done % CHECK_EVERY === 0;
  if (results.length !== 1 || isChecked) {
    const asked = recordsIn(source, text);
    if (results.length !== asked) return `${String(asked)} records, ${String(results.length)} answers`;
  }
  if (!isChecked) return undefined;
  for (const result of results) {
    const checked = result.kind === 'kept' ? AccessEvent.safeParse(result.event) : undefined;
    if (checked?.success === false) return `no event: ${checked.error.message.replace(/\s+/g, ' ')}`;
  }
  return undefined;
}

/** What one line asks: one record, or as many as the vendor's envelope in it has; an empty envelope is answered once. */
function recordsIn(source: Source, text: string): number {
  if (!text.startsWith('{') && !text.startsWith('[')) return unwrapped(source, source.readLine?.(text, NOW));
  try {
    const value: unknown = JSON.parse(text);
    const records = Array.isArray(value)
      ? value.reduce<number>((sum, one: unknown) => sum + source.unwrap(one).length, 0)
      : source.unwrap(value).length;
    return Math.max(1, records);
  } catch {
    return unwrapped(source, source.readLine?.(text, NOW));
  }
}
function unwrapped(source: Source, read: unknown): number {
  if (read === undefined) return 1;
  const records = Array.isArray(read) ? read.flatMap((one: unknown) => source.unwrap(one)) : source.unwrap(read);
  return Math.max(1, records.length);
}

function numberOf(argv: readonly string[], name: string, usual: number): number {
  const written = argv.find((one) => one.startsWith(`--${name}=`))?.split('=')[1];
  const value = written === undefined ? usual : Number(written);
  if (!Number.isSafeInteger(value) || value < 0) throw new Error(`--${name}: expected a whole number`);
  return value;
}

function print(written: string): number {
  process.stdout.write(written);
  return 0;
}
