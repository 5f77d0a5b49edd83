import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeEvaluation } from '@keyward/fixtures';
import type { SourceId } from '@keyward/events';
import type { Label } from '@keyward/evaluation';
import { NdjsonFile } from '../replay/ndjson-file.js';

export interface GeneratedHistory {
  readonly inputs: readonly { readonly source: SourceId; readonly file: string }[];
  readonly context: string;
  readonly labels: readonly Label[];
  readonly evaluatedFrom: string;
  readonly records: number;
  readonly drift: ReturnType<typeof makeEvaluation>['drift'];
}

/** Writes the evaluation organisation into a folder: records by source, context, `truth.ndjson`. */
export async function writeGeneratedHistory(
  folder: string,
  options: Parameters<typeof makeEvaluation>[0],
  onProgress: (records: number) => void,
): Promise<GeneratedHistory> {
  const history = makeEvaluation(options);
  const context = join(folder, 'context');
  mkdirSync(context, { recursive: true });
  const { sod, ...lists } = history.organisation;
  for (const [name, rows] of Object.entries(lists)) writeFileSync(join(context, `${name}.ndjson`), ndjson(rows));
  writeFileSync(join(context, 'sod.json'), `${JSON.stringify(sod, null, 2)}\n`);
  writeFileSync(join(folder, 'truth.ndjson'), ndjson(history.truth));

  const files = new Map<SourceId, NdjsonFile>();
  let records = 0;
  for (const { source, record } of history.records()) {
    let file = files.get(source);
    if (!file) files.set(source, (file = new NdjsonFile(join(folder, `${source}.ndjson`))));
    file.add(record);
    records += 1;
    if (records % 1_000 !== 0) continue;
    await file.flush();
    onProgress(records);
  }
  await Promise.all([...files.values()].map((file) => file.close()));
  return {
    inputs: [...files.keys()].map((source) => ({ source, file: join(folder, `${source}.ndjson`) })),
    context,
    labels: history.truth.map((line): Label => ({
      ...line,
      days: [...line.days],
      touched: [...line.touched],
      events: [...line.events],
      expected: [...line.expected],
    })),
    evaluatedFrom: history.evaluatedFrom,
    records,
    drift: history.drift,
  };
}
const ndjson = (rows: readonly object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
