import { COLLECTORS, type Collector, type CollectorKind, type CollectorParts } from '@keyward/adapter-collectors';
import { AppError, InvalidInputError, readConfiguredFile } from '@keyward/runtime';
import { LineCounter, isNode, parseDocument, type Document } from 'yaml';
import { z } from 'zod';

/** A line of the collectors file. */
const CollectorEntry = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'lower-case letters, digits, dot, dash, underscore; at most 63'),
  kind: z.string(),
  /** KEYWARD_INSTANCE of the worker that runs it: for what is at one machine only. Absent: one of all workers, see `Collector.runsOn`. */
  worker: z.string().optional(),
  settings: z.record(z.string(), z.unknown()).default({}),
});
const CollectorsFile = z.strictObject({ version: z.literal(1), collectors: z.array(CollectorEntry).max(500) });
type CollectorEntry = z.output<typeof CollectorEntry>;

/** A collector, and the worker that alone may run it. */
export interface ConfiguredCollector {
  readonly collector: Collector;
  readonly worker: string | undefined;
}

interface Problem {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * @param text YAML 1.2
 * @param file its name, for messages
 * @param kinds what there is to collect with
 * @throws InvalidInputError `collectors.invalid`: each thing that is wrong, with file, line and field
 */
export function parseCollectors(
  text: string,
  file: string,
  parts: CollectorParts,
  kinds: readonly CollectorKind[] = COLLECTORS,
): readonly ConfiguredCollector[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const syntax = document.errors.map(({ pos, message }) => `${file}:${lines.linePos(pos[0]).line}: ${message.split('\n', 1)[0] ?? ''}`);
  if (syntax.length > 0) throw notUsable(syntax);
  const refuse = (problems: readonly Problem[]): InvalidInputError =>
    notUsable(
      problems.map(
        ({ path, message }) => `${file}:${lineOf(document, lines, path)}: ${path.map(String).join('.') || '(file)'}: ${message}`,
      ),
    );
  const parsed = CollectorsFile.safeParse(contentOf(document, file));
  if (!parsed.success) throw refuse(parsed.error.issues);
  const { collectors } = parsed.data;
  const problems = collectors.flatMap((entry, index) =>
    [...problemsOf(entry, kinds), ...repeated(collectors, index)].map(({ path, message }): Problem => ({
      path: ['collectors', index, ...path],
      message,
    })),
  );
  if (problems.length > 0) throw refuse(problems);
  const made = collectors.map((entry, index) => make(entry, index, parts, kinds));
  const failed = made.filter((one) => 'message' in one);
  if (failed.length > 0) throw refuse(failed);
  return made.filter((one) => 'collector' in one);
}

/** @throws InvalidInputError `collectors.missing`, `collectors.invalid` */
export function readCollectors(file: string, parts: CollectorParts): readonly ConfiguredCollector[] {
  return parseCollectors(readConfiguredFile('KEYWARD_COLLECTORS_FILE', file, 'collectors.missing'), file, parts);
}

function problemsOf({ kind, settings }: CollectorEntry, kinds: readonly CollectorKind[]): readonly Problem[] {
  const known = kinds.find((candidate) => candidate.kind === kind);
  if (!known) return [{ path: ['kind'], message: `there is no ${kind}; there are: ${kinds.map((one) => one.kind).join(', ')}` }];
  const issues = known.settings.safeParse(settings).error?.issues ?? [];
  return issues.map(({ path, message }) => ({ path: ['settings', ...path], message }));
}

function repeated(entries: readonly CollectorEntry[], index: number): readonly Problem[] {
  const name = entries[index]?.name;
  return entries.findIndex((entry) => entry.name === name) < index ? [{ path: ['name'], message: `${name ?? ''} is there already` }] : [];
}

/** What a schema can't see: secrets that are not set, files that are not there. */
function make(
  { name, kind, worker, settings }: CollectorEntry,
  index: number,
  parts: CollectorParts,
  kinds: readonly CollectorKind[],
): ConfiguredCollector | Problem {
  const path = ['collectors', index, 'settings'];
  try {
    const collector = kinds.find((candidate) => candidate.kind === kind)?.create(name, settings, parts);
    return collector ? { collector, worker } : { path, message: 'unknown' };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { path, message: error.message };
  }
}

function contentOf(document: Document.Parsed, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 10 }) ?? {};
  } catch (error) {
    throw notUsable([`${file}: ${error instanceof Error ? error.message : 'not readable'}`]);
  }
}

/** The line of the deepest part of the path that stands in the file. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const keys = path.slice(0, depth).map((key) => (typeof key === 'number' ? key : String(key)));
    const node: unknown = document.getIn(keys, true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

const notUsable = (problems: readonly string[]): InvalidInputError =>
  new InvalidInputError('collectors.invalid', `KEYWARD_COLLECTORS_FILE can't be used:\n  ${problems.join('\n  ')}`);
