// The parts by themselves, in one thread and without I/O: what a record costs where. Events for each second of CPU.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createGeoLookup } from '@keyward/adapter-geo';
import { createBehaviourModel } from '@keyward/baselines';
import { createDetectionEngine } from '@keyward/detections';
import { dayOf, ledgerId } from '@keyward/events';
import { buildOrganisation, parseOrganisationFiles } from '@keyward/identity';
import { EMPTY_SOD_POLICY, parseSod } from '@keyward/sod';
import { SOURCES, parsePayload } from '@keyward/sources';
import { assessEntry, assessStateCodec, eventEntries } from '@keyward/stages';
import { cpuSeconds, timed } from './machine.mjs';

const keyward = fileURLToPath(new URL('../../bin/keyward.mjs', import.meta.url));

/** @returns rows `{ what, perCpuSecond, besides }`: `besides` is JSON.parse (or stringify) of the same text, the floor of whatever reads JSON */
export async function microBenchmarks({ organisation: written, records }) {
  const rows = [];
  const now = Date.now();
  const events = [];
  for (const source of SOURCES) {
    const payloads = records.filter((record) => record.source === source.id).map(({ record }) => Buffer.from(JSON.stringify(record)));
    if (payloads.length === 0) continue;
    for (const payload of payloads.slice(0, 2_000)) parsePayload(source, payload, { now });
    const parsed = await timed(() => payloads.map((payload) => parsePayload(source, payload, { now })));
    const bare = await timed(() => payloads.map((payload) => JSON.parse(payload.toString())));
    rows.push(row(`parse ${source.id}`, payloads.length, parsed, bare));
    for (const results of parsed.result) for (const result of results) if (result.kind === 'kept') events.push(result.event);
  }
  events.sort((a, b) => a.time - b.time);

  const { organisation, sod } = contextOf(written);
  const geo = createGeoLookup();
  const routed = await timed(() => events.map((event) => eventEntries(event, organisation, geo)));
  rows.push(row('place, resolve, route', events.length, routed));
  const entries = routed.result.flat();
  const encoded = await timed(() => entries.map((entry) => JSON.stringify(entry)));
  rows.push(row('entries as JSON', entries.length, encoded));
  const decoded = await timed(() => encoded.result.reduce((sum, text) => sum + JSON.parse(text).event.time, 0));
  rows.push(row('entries from JSON', entries.length, decoded));

  const model = createBehaviourModel();
  const created = createDetectionEngine();
  if (created.kind === 'invalid') throw new Error(created.problems.join());
  const { engine } = created;
  const codec = assessStateCodec(model, engine, () => organisation);
  const ledgers = new Map();
  let snapshot = model.emptySnapshot();
  let builder = model.snapshotBuilder(snapshot, organisation);
  let spentOnSnapshots = 0;
  const assessed = await timed(() => {
    for (const entry of entries) {
      const id = ledgerId(entry);
      let state = ledgers.get(id);
      if (!state) ledgers.set(id, (state = codec.initial(id)));
      const day = dayOf(entry.event.time);
      if (day > snapshot.day) {
        const before = process.cpuUsage();
        snapshot = builder.build(day);
        builder = model.snapshotBuilder(snapshot, organisation);
        spentOnSnapshots += process.cpuUsage(before).user / 1e6;
      }
      const { row: scored } = assessEntry(entry, state, { model, engine, organisation, sod, snapshot });
      if (scored) builder.add(scored.identity, scored.event, scored.assessment);
    }
  });
  rows.push(row('score, detect, learn, count', events.length, assessed));
  rows.push({ what: 'of it: daily snapshots', cpuSeconds: spentOnSnapshots });
  const saved = await timed(() => [...ledgers.values()].map((state) => codec.encode(state)));
  rows.push(row('encode ledgers', ledgers.size, saved));
  const loaded = await timed(() => [...ledgers.keys()].map((id, index) => codec.decode(saved.result[index], id)));
  rows.push(row('decode ledgers', ledgers.size, loaded));
  rows.push(await replayed(written, records));
  return rows;
}

const row = (what, count, { cpuSeconds: cpu }, bare) => ({
  what,
  count,
  cpuSeconds: cpu,
  perCpuSecond: count / cpu,
  ...(bare && { besides: { what: 'JSON.parse of the same', perCpuSecond: count / bare.cpuSeconds } }),
});

function contextOf({ sod, ...lists }) {
  const files = Object.entries(lists).map(([name, rows]) => ({
    name: `${name}.ndjson`,
    text: rows.map((one) => JSON.stringify(one)).join('\n'),
  }));
  const policy = parseSod(JSON.stringify(sod));
  return {
    organisation: buildOrganisation(parseOrganisationFiles(files).records),
    sod: policy.kind === 'policy' ? policy.policy : EMPTY_SOD_POLICY,
  };
}

/** `keyward replay` as people run it, start and files included. */
async function replayed(organisation, records) {
  const directory = mkdtempSync(join(tmpdir(), 'keyward-bench-'));
  try {
    const context = join(directory, 'context');
    mkdirSync(context);
    const { sod, ...lists } = organisation;
    for (const [name, rows] of Object.entries(lists))
      writeFileSync(join(context, `${name}.ndjson`), rows.map((one) => `${JSON.stringify(one)}\n`).join(''));
    writeFileSync(join(context, 'sod.json'), JSON.stringify(sod));
    const inputs = [...new Set(records.map(({ source }) => source))].flatMap((source) => {
      const file = join(directory, `${source}.ndjson`);
      const lines = records.filter((one) => one.source === source).map(({ record }) => `${JSON.stringify(record)}\n`);
      writeFileSync(file, lines.join(''));
      return ['--input', `${source}=${file}`];
    });
    const child = spawn(process.execPath, [keyward, 'replay', ...inputs, '--context', context, '--out', join(directory, 'out')], {
      stdio: 'ignore',
    });
    let cpu = 0;
    let peakMegabytes = 0;
    const look = setInterval(() => {
      cpu = cpuSeconds(child.pid) ?? cpu;
      peakMegabytes = Math.max(peakMegabytes, peakOf(child.pid));
    }, 20);
    const code = await new Promise((resolve) => child.once('exit', resolve));
    clearInterval(look);
    if (code !== 0) throw new Error(`keyward replay ended with ${code}`);
    return { what: 'keyward replay, whole', count: records.length, cpuSeconds: cpu, perCpuSecond: records.length / cpu, peakMegabytes };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Largest resident set so far, MB; 0 where /proc is missing or the process has ended. */
function peakOf(pid) {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1_000;
  } catch {
    return 0;
  }
}
