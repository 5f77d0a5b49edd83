import { basename } from 'node:path';
import { parsePayload, type Source } from '@keyward/sources';
import { Agreement, CORE_FIELDS } from './agreement.js';
import { chosen, haveShared, NOW, ownFiles, slicesOf, vendorFiles, type SampleFile } from './catalogue.js';
import { recordsPerSecond } from './speed.js';

const HELP = `npm run conformance [-- <source id> ...] [--differences] [--no-speed]

For each source: how its own samples and the vendor samples in ../shared/samples end, how far events agree in core fields with
what a public integration makes of the same vendor records, and how many records one core reads in a second.
Differences that we stand by are named, by rule, in libs/sources/test/<source>.conformance.test.ts.
`;

interface Count {
  records: number;
  kept: number;
  readonly ignored: Map<string, number>;
  readonly rejected: Map<string, number>;
}

function count(source: Source, files: readonly SampleFile[], agreement: Agreement): Count {
  const total: Count = { records: 0, kept: 0, ignored: new Map(), rejected: new Map() };
  for (const file of files) {
    const results = parsePayload(source, file.bytes, { now: NOW });
    const expected = file.expected?.length === results.length ? file.expected : undefined;
    results.forEach((result, index) => {
      total.records += 1;
      if (result.kind === 'kept') {
        total.kept += 1;
        if (expected) agreement.compare(`${basename(file.path)}:${String(index + 1)}`, result.event, expected[index]);
      } else if (result.kind === 'ignored') add(total.ignored, result.reason);
      else add(total.rejected, result.code);
    });
  }
  return total;
}
const add = (counts: Map<string, number>, key: string): void => void counts.set(key, (counts.get(key) ?? 0) + 1);
const sum = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((all, one) => all + one, 0);
const words = (counts: ReadonlyMap<string, number>): string => [...counts].map(([key, number]) => `${key} ${String(number)}`).join(', ');

/** Prints the table. @returns the exit code: 1 when a parser broke, or a sample of our own was lost */
export function conformance(argv: readonly string[]): number {
  if (argv.includes('--help')) return print(HELP);
  const options = argv.filter((one) => one.startsWith('--'));
  const head = ['source', 'samples', 'records', 'kept', 'ignored', 'rejected', 'agreement', ...CORE_FIELDS, 'records/s'];
  const rows: string[][] = [];
  const notes: string[] = [];
  let broken = 0;
  for (const source of chosen(argv.filter((one) => !one.startsWith('--')))) {
    const own = ownFiles(source);
    const vendor = vendorFiles(source);
    for (const [name, files] of [['own', own] as const, ['vendor', vendor] as const]) {
      if (files.length === 0) continue;
      const agreement = new Agreement();
      const { records, kept, ignored, rejected } = count(source, files, agreement);
      broken += rejected.get('parser_bug') ?? 0;
      if (records !== kept + sum(ignored) + sum(rejected)) broken += 1;
      const speed =
        name === 'own' && !options.includes('--no-speed')
          ? recordsPerSecond(
              source,
              own.flatMap((file) => slicesOf(source, file)),
            )
          : undefined;
      const fields = CORE_FIELDS.map((field) => agreement.of(field));
      rows.push([
        source.id,
        name,
        ...[records, kept, sum(ignored), sum(rejected)].map(String),
        agreement.of(),
        ...fields,
        speed === undefined ? '' : speed.toLocaleString('en'),
      ]);
      if (ignored.size > 0) notes.push(`${source.id} (${name}) ignored: ${words(ignored)}`);
      if (rejected.size > 0) notes.push(`${source.id} (${name}) rejected: ${words(rejected)}`);
      if (options.includes('--differences')) notes.push(...agreement.differences.map((one) => `  ${one}`));
    }
  }
  print(table(head, rows));
  print(`\n${notes.join('\n')}\n`);
  if (!haveShared) print('\nVendor samples skipped: ../shared/samples is absent.\n');
  return broken === 0 ? 0 : 1;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return `${[head, widths.map((width) => '-'.repeat(width)), ...rows].map(line).join('\n')}\n`;
}

function print(written: string): number {
  process.stdout.write(written);
  return 0;
}
