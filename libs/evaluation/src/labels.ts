import { z } from 'zod';

const IdentityDay = z.object({ identity: z.string().min(1), day: z.iso.date().describe('UTC') });

/**
 * One line of `truth.ndjson`: something that was done on purpose to be found (an attack), or on purpose to look like it (a look-alike, benign).
 * Everything that no line names is ordinary.
 */
export const Label = z.object({
  id: z.string().min(1),
  label: z.enum(['attack', 'benign']),
  kind: z.string().min(1),
  difficulty: z.number().int().min(1).max(4).optional().describe("1: a stranger's address; 4: the victim's own network, hours and device"),
  identity: z.string().min(1).describe('Whose account acts: one attack counts for one person'),
  from: z.iso.datetime().describe('First act'),
  to: z.iso.datetime().describe('Last act'),
  days: z
    .array(IdentityDay)
    .min(1)
    .describe('Identity-days on which an alert is right (attack) or would be the look-alike taken for one (benign)'),
  touched: z.array(IdentityDay).default([]).describe('Identity-days that it also reached: neither right nor wrong, not counted'),
  events: z
    .array(z.object({ source: z.string(), time: z.iso.datetime(), nativeId: z.string().optional() }))
    .default([])
    .describe('Its records; the native id where the vendor gives one'),
  expected: z.array(z.string()).default([]).describe('Features and detections of which one should be named first'),
});
export type Label = z.infer<typeof Label>;

/** A problem of one line of a truth file. */
export interface LabelProblem {
  readonly line: number;
  readonly message: string;
}

/** Reads `truth.ndjson`. @returns the labels, and what could not be read with its line number (from 1) */
export function parseLabels(text: string): { readonly labels: readonly Label[]; readonly problems: readonly LabelProblem[] } {
  const labels: Label[] = [];
  const problems: LabelProblem[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const parsed = Label.safeParse(jsonOf(line));
    if (parsed.success) labels.push(parsed.data);
    else problems.push({ line: index + 1, message: z.prettifyError(parsed.error) });
  }
  return { labels, problems };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
