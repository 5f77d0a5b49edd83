import { LineCounter, isNode, parseDocument, type Document } from 'yaml';
import { Policy } from './policy.js';

export interface PolicyProblem {
  /** From 1. */
  readonly line: number;
  /** `rules.0.mode`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
}
export type ParsedPolicy =
  | { readonly ok: true; readonly policy: Policy }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[]; readonly message: string };

/** @param text the policy file, YAML 1.2 (so JSON too) @returns the policy, or each problem with its line and path */
export function parsePolicy(text: string): ParsedPolicy {
  const lines = new LineCounter();
  // Aliases are cut short: a policy has no use for a billion laughs.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const syntax = document.errors.map((error) => ({ line: lines.linePos(error.pos[0]).line, path: '', message: firstLine(error.message) }));
  if (syntax.length > 0) return failure(syntax);
  const content = toPlain(document);
  if (!content.ok) return failure([{ line: 1, path: '', message: content.message }]);
  const parsed = Policy.safeParse(content.value ?? {});
  if (parsed.success) return { ok: true, policy: parsed.data };
  return failure(
    parsed.error.issues.map((issue) => ({
      line: lineOf(document, lines, issue.path),
      path: issue.path.map(String).join('.'),
      message: issue.message,
    })),
  );
}

function toPlain(
  document: Document.Parsed,
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly message: string } {
  try {
    return { ok: true, value: document.toJS({ maxAliasCount: 10 }) as unknown };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : 'not readable' };
  }
}

/** The line of the deepest part of the path that stands in the file: what is missing is shown at what it is missing from. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: readonly PropertyKey[]): number {
  for (let depth = path.length; depth >= 0; depth -= 1) {
    const keys = path.slice(0, depth).map((key) => (typeof key === 'number' ? key : String(key)));
    const node: unknown = depth === 0 ? document.contents : document.getIn(keys, true);
    if (isNode(node) && node.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

const failure = (problems: readonly PolicyProblem[]): ParsedPolicy => ({
  ok: false,
  problems,
  message: `The policy can't be used:\n${problems.map(({ line, path, message }) => `  line ${line}${path ? `, ${path}` : ''}: ${message}`).join('\n')}`,
});
const firstLine = (text: string): string => text.split('\n', 1)[0] ?? text;
