// A million identities on one machine: ASSESS as it is, its ledgers in the embedded ClickHouse, and only some of them in memory.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClickHouseLedgerStore, openClickHouse } from '@keyward/adapter-clickhouse';
import { startEmbeddedClickHouse } from '@keyward/adapter-embedded';
import { createBehaviourModel } from '@keyward/baselines';
import { createDetectionEngine } from '@keyward/detections';
import { EMPTY_ORGANISATION } from '@keyward/identity';
import { Metrics, Secret, silentLogger } from '@keyward/runtime';
import { EMPTY_SOD_POLICY } from '@keyward/sod';
import { AssessStage } from '@keyward/stages';
import { cpuSeconds, load, peakMegabytes } from './machine.mjs';

/** As the reader hands them over. */
const BATCH = 10_000;
const START = Date.UTC(2026, 2, 2);
const DATABASE = 'bench';
/** Events by Zipf's law: enough for the memory to hold what is usual. */
const MOST_USUAL = 300_000;

/**
 * Everybody signs in once, in no order; then as many events again, at most 300,000, by Zipf's law, over a week.
 *
 * @param identities how many @param maxLedgers how many of them may be in memory
 */
export async function identitiesBenchmark(identities, maxLedgers, say) {
  const directory = await mkdtemp(join(tmpdir(), 'keyward-bench-'));
  const server = await startEmbeddedClickHouse({ directory });
  let clickhouse;
  try {
    ({ clickhouse } = await openClickHouse({
      CLICKHOUSE_URL: server.url,
      CLICKHOUSE_USER: server.username,
      CLICKHOUSE_PASSWORD: new Secret(server.password),
      CLICKHOUSE_DATABASE: DATABASE,
      CLICKHOUSE_TIMEOUT_MS: 60_000,
    }));
    const ledgers = new WatchedLedgers(new ClickHouseLedgerStore(clickhouse));
    const stage = assessStage(ledgers, maxLedgers);
    const everybody = shuffled(identities);
    const first = await fold(stage, ledgers, identities, (index) => everybody[index], START, say, 'first');
    const pick = zipf(identities);
    const usual = await fold(
      stage,
      ledgers,
      Math.min(identities, MOST_USUAL),
      (index) => everybody[pick(index)],
      START + 86_400_000,
      say,
      'usual',
    );
    const [stored] = await sizes(server);
    return {
      identities,
      maxLedgers,
      first,
      usual,
      stored: { ...stored, bytesOfOne: stored.compressed / stored.rows },
      peakMegabytes: peakMegabytes(process.pid) - peakMegabytes(server.pid),
      storeMegabytes: peakMegabytes(server.pid),
      storeCpuSeconds: cpuSeconds(server.pid),
      load: load(),
    };
  } finally {
    await clickhouse?.close();
    await server.kill();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The stage of the line; what it finds and writes beside ledgers is measured elsewhere. */
function assessStage(ledgers, maxLedgers) {
  const model = createBehaviourModel();
  const created = createDetectionEngine();
  if (created.kind === 'invalid') throw new Error(created.problems.join());
  const nothing = () => Promise.resolve();
  return new AssessStage({
    ledgers,
    store: { insertEvents: nothing, insertFindings: nothing, upsertGrants: nothing, insertVerdicts: nothing, insertEntries: nothing },
    snapshots: { forDay: () => Promise.resolve(model.emptySnapshot()) },
    organisation: { current: () => ({ organisation: EMPTY_ORGANISATION, sod: EMPTY_SOD_POLICY }) },
    publisher: { publish: nothing },
    deadLetters: { insertDeadLetters: nothing },
    model,
    engine: created.engine,
    clock: { now: () => Date.now(), sleep: nothing },
    logger: silentLogger,
    metrics: new Metrics(),
    signal: new globalThis.AbortController().signal,
    checkpoints: { everyMs: 1e9, everyEntries: 50_000, maxLedgers },
  });
}

async function fold(stage, ledgers, count, who, from, say, name) {
  ledgers.reset();
  const began = performance.now();
  const before = process.cpuUsage();
  let asked = 0;
  for (let done = 0; done < count; done += BATCH) {
    const items = Array.from({ length: Math.min(BATCH, count - done) }, (_, index) => {
      const at = done + index;
      return entry(who(at), ledgers.offset++, from + Math.floor((at / count) * 6 * 86_400_000));
    });
    asked += new Set(items.map(({ value }) => value.key)).size;
    await stage.handle(items);
    if (done % 100_000 === 0) say(`${name}: ${done} of ${count}`);
  }
  await stage.checkpoint();
  const seconds = (performance.now() - began) / 1_000;
  const { user, system } = process.cpuUsage(before);
  return {
    events: count,
    seconds,
    cpuSeconds: (user + system) / 1e6,
    perSecond: count / seconds,
    hitRate: 1 - ledgers.missing / asked,
    ...ledgers.report(),
  };
}

/** The real store, with a watch on it. */
class WatchedLedgers {
  offset = 0;
  #store;
  #loads = [];
  #saves = [];
  constructor(store) {
    this.#store = store;
  }
  reset() {
    this.missing = 0;
    this.#loads = [];
    this.#saves = [];
  }
  async load(stage, ids) {
    this.missing += ids.length;
    const began = performance.now();
    const found = await this.#store.load(stage, ids);
    this.#loads.push({ ms: performance.now() - began, count: ids.length });
    return found;
  }
  async save(stage, rows) {
    const began = performance.now();
    await this.#store.save(stage, rows);
    this.#saves.push({ ms: performance.now() - began, count: rows.length });
  }
  report() {
    return { load: latency(this.#loads), save: latency(this.#saves) };
  }
}
function latency(calls) {
  const times = calls.map(({ ms }) => ms).sort((a, b) => a - b);
  const count = calls.reduce((sum, call) => sum + call.count, 0);
  return {
    calls: calls.length,
    ledgers: count,
    p50Ms: times[times.length >> 1],
    p99Ms: times[Math.floor(times.length * 0.99)],
    microsecondsOfOne: (times.reduce((a, b) => a + b, 0) / count) * 1_000,
  };
}

/** A sign-in with a network, a device and two applications of the identity's own. */
function entry(who, offset, time) {
  const identity = `okta:person-${who}@example.com`;
  const event = {
    uid: `${(offset * 2_654_435_761) % 4_294_967_296}`.padStart(10, '0') + String(offset),
    nativeId: String(offset),
    source: 'okta',
    time,
    class: 'authentication',
    activity: 'logon',
    code: 'user.session.start',
    outcome: 'success',
    actor: { system: 'okta', name: `person-${who}@example.com`, identity },
    src: {
      ip: `10.${who & 255}.${(who >> 8) & 255}.7`,
      asn: 64_496 + (who % 15),
      asOrg: `Example Telecom ${who % 15}`,
      geo: { lat: 48 + (who % 50) / 10, lon: 8 + (who % 60) / 10, radiusKm: 20, city: `City ${who % 300}`, country: 'DE' },
      geoFrom: 'database',
    },
    device: { id: `laptop-${who}`, browser: `Chrome ${120 + (who % 8)}`, os: 'Windows 11', type: 'desktop' },
    auth: { method: 'push', mfa: true, interactive: true, application: `App ${(who + (offset % 2)) % 200}` },
  };
  const value = { ledger: 'identity', key: identity, part: 'actor', primary: true, event };
  return { topic: 'access.events', partition: who % 4, offset, time, value };
}

/** The same order each time. */
function shuffled(count) {
  const all = Uint32Array.from({ length: count }, (_, index) => index);
  const random = seeded(7);
  for (let at = count - 1; at > 0; at -= 1) {
    const other = Math.floor(random() * (at + 1));
    [all[at], all[other]] = [all[other], all[at]];
  }
  return all;
}
/** Ranks by Zipf's law with exponent 1: the inverse of its continuous distribution. @returns rank in [0, count) */
function zipf(count) {
  const random = seeded(11);
  return () => Math.min(count - 1, Math.floor(count ** random()) - 1);
}
function seeded(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

async function sizes(server) {
  const url = new URL(server.url);
  url.searchParams.set('database', DATABASE);
  const query = `SELECT sum(data_compressed_bytes) AS compressed, sum(data_uncompressed_bytes) AS uncompressed, sum(rows) AS writtenRows,
    (SELECT count() FROM ledgers FINAL) AS rows, (SELECT avg(length(state)) FROM ledgers FINAL) AS meanBytes, (SELECT max(length(state)) FROM ledgers FINAL) AS mostBytes
    FROM system.parts WHERE active AND database = '${DATABASE}' AND table = 'ledgers' FORMAT JSONEachRow`;
  const headers = { 'x-clickhouse-user': server.username, 'x-clickhouse-key': server.password };
  const send = async (body) => {
    const answer = await fetch(url, { method: 'POST', headers, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(text.slice(0, 500));
    return text;
  };
  await send('OPTIMIZE TABLE ledgers FINAL');
  return (await send(query))
    .trim()
    .split('\n')
    .map((line) => Object.fromEntries(Object.entries(JSON.parse(line)).map(([key, value]) => [key, Number(value)])));
}
