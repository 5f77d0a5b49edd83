import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** What the evaluation reads of the files that `replay` wrote; docs/replay.md has all of them. */
export const RiskLine = z.object({ day: z.string(), time: z.string(), identity: z.string(), score: z.number(), top: z.array(z.string()) });
export const FindingLine = z.object({
  detection: z.string(),
  kind: z.string(),
  identity: z.string(),
  time: z.string(),
  p: z.number(),
  dedupeKey: z.string(),
});
export const AlertLine = z.object({ time: z.string(), identity: z.string(), detections: z.array(z.string()) });
export const AssessmentLine = z.object({
  source: z.string(),
  time: z.string(),
  identity: z.string(),
  session: z.string().optional(),
  p: z.number(),
  terms: z.array(
    z.object({
      feature: z.string(),
      observed: z.string(),
      p: z.number(),
      counts: z.object({ person: z.number(), peers: z.number(), all: z.number() }),
      details: z.object({ commands: z.object({ position: z.number() }).optional() }).optional(),
    }),
  ),
  notEvaluated: z.array(z.object({ feature: z.string() })),
});

/** Lines of one of the result files, streamed. @throws ZodError when a line is not what docs/replay.md promises: a bug */
export async function* resultLines<T extends z.ZodType>(folder: string, name: string, schema: T): AsyncGenerator<z.infer<T>> {
  const input = createReadStream(join(folder, `${name}.ndjson`), { highWaterMark: 1 << 20 });
  for await (const line of createInterface({ input })) if (line !== '') yield schema.parse(JSON.parse(line));
}
