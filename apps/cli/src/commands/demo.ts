import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demoStart, makeDemo } from '@keyward/fixtures';
import { InvalidInputError, systemClock } from '@keyward/runtime';
import { NdjsonFile } from '../replay/ndjson-file.js';
import { count, say } from '../terminal.js';

/**
 * `keyward demo`: the demo organisation as files, its history in vendors' own formats, ready for `replay`.
 *
 * @param day first day of the history, `2026-01-05`; default: so that it ends today
 * @throws InvalidInputError `demo.start`
 */
export async function writeDemo(out: string, day: string | undefined): Promise<void> {
  const start = day === undefined ? demoStart(systemClock.now()) : Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(start)) throw new InvalidInputError('demo.start', `--start takes a day such as 2026-01-05, not ${String(day)}`);
  const demo = makeDemo(start);
  const context = join(out, 'context');
  mkdirSync(context, { recursive: true });
  const { sod, ...lists } = demo.organisation;
  for (const [name, rows] of Object.entries(lists)) {
    writeFileSync(join(context, `${name}.ndjson`), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  writeFileSync(join(context, 'sod.json'), `${JSON.stringify(sod, null, 2)}\n`);

  const files = new Map<string, NdjsonFile>();
  let records = 0;
  for (const { source, record } of demo.records()) {
    let file = files.get(source);
    if (!file) files.set(source, (file = new NdjsonFile(join(out, `${source}.ndjson`))));
    file.add(record);
    await file.flush();
    records += 1;
  }
  await Promise.all([...files.values()].map((file) => file.close()));
  const inputs = [...files.keys()].map((source) => `--input ${source}=${join(out, `${source}.ndjson`)}`).join(' ');
  say(
    `${count(records)} records of ${files.size} sources in ${out}. Score them:\n  keyward replay ${inputs} --context ${context} --out ${join(out, 'result')}`,
  );
}
