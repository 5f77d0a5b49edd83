// From producing the last record of an attack to the webhook at a receiver and to the removal at Graph, while a load of ordinary records runs.
import { liveIntruder, makePeople } from '@keyward/fixtures';
import { GraphServer, startReceiver } from '@keyward/testkit';
import { load } from './machine.mjs';
import { liveLoad } from './records.mjs';

const GROUP = { name: 'pg-payments-admin', id: '5a1d3a0e-6f0c-4b57-9d0c-1c54b5c0a7aa' };
/** The demo's own stories have their people among the first; these are nobody's. */
const FIRST_SEAT = 18;

export class Counterparts {
  static async start() {
    const counterparts = new Counterparts();
    [counterparts.graph, counterparts.receiver] = await Promise.all([new GraphServer().start(), startReceiver()]);
    const { graph } = counterparts;
    for (const { upn, entraId } of makePeople()) graph.users.set(upn, entraId);
    graph.groupNames.set(GROUP.name, GROUP.id);
    return counterparts;
  }
  get policy() {
    const { graph, receiver } = this;
    return `version: 1
rules:
  - { id: take, when: { detections: [mfa_fatigue], minSeverity: critical }, mode: enforce }
connectors:
  - id: entra
    product: entra_pim
    grants: ['entra:*']
    settings: { tenantId: ${graph.tenantId}, clientId: ${graph.clientId}, clientSecretEnv: BENCH_GRAPH_SECRET, graphUrl: '${graph.origin}', loginUrl: '${graph.origin}' }
sinks:
  - { id: siem, product: webhook, minSeverity: critical, settings: { url: '${receiver.url}', secretEnvs: [BENCH_SIEM_SECRET] } }
guardRails: { maxRevocationsPerHour: 10000, quietWhenFindingsExceed: 1000000 }
`;
  }
  get env() {
    const { graph, receiver } = this;
    return {
      BENCH_GRAPH_SECRET: graph.clientSecret,
      BENCH_SIEM_SECRET: receiver.secret,
      KEYWARD_OUTBOUND_ALLOWED_HOSTS: `${graph.host},${receiver.host}`,
    };
  }
  stop() {
    return Promise.all([this.graph.stop(), this.receiver.stop()]);
  }
}

/**
 * @param perSecond ordinary records a second beside the attacks
 * @param attacks how many; one person each
 */
export async function latencies(ground, counterparts, { perSecond, attacks }) {
  const victims = makePeople().slice(FIRST_SEAT, FIRST_SEAT + attacks);
  const stories = victims.map((victim) => ({ victim, ...partsOf(liveIntruder(Date.now() - 60_000, victim)) }));
  for (const { victim } of stories) counterparts.graph.groups.push({ principalId: victim.entraId, groupId: GROUP.id, accessId: 'member' });
  await ground.produce(stories.flatMap(({ before }) => before));
  await ground.settled();

  const sent = new Map();
  const heard = new Map();
  const removed = new Map();
  const look = setInterval(() => {
    const now = performance.now();
    for (const { body } of counterparts.receiver.received.slice(heard.seen ?? 0)) {
      const victim = victims.find(({ id }) => body.includes(`"${id}"`));
      if (victim && sent.has(victim.id) && !heard.has(victim.id)) heard.set(victim.id, now);
    }
    heard.seen = counterparts.receiver.received.length;
    for (const { principalId } of counterparts.graph.removals.slice(removed.seen ?? 0)) {
      const victim = victims.find(({ entraId }) => entraId === principalId);
      if (victim && sent.has(victim.id) && !removed.has(victim.id)) removed.set(victim.id, now);
    }
    removed.seen = counterparts.graph.removals.length;
  }, 2);

  const background = pacedLoad(
    ground,
    perSecond,
    victims.map(({ upn }) => upn),
  );
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  for (const { victim, trigger } of stories) {
    sent.set(victim.id, performance.now());
    await ground.produce(trigger);
    await new Promise((resolve) => setTimeout(resolve, 400));
  }
  const end = performance.now() + 20_000;
  while (performance.now() < end && (heard.size < victims.length || removed.size < victims.length))
    await new Promise((resolve) => setTimeout(resolve, 50));
  const { records, seconds } = await background.stop();
  clearInterval(look);
  if (heard.size + removed.size < 2 * victims.length) {
    const seen = await ground.sql(
      `SELECT (SELECT count() FROM findings WHERE detection = 'mfa_fatigue'), (SELECT count() FROM alerts), (SELECT count() FROM effects), (SELECT max(time) FROM access_events), now()`,
    );
    process.stderr.write(`  ! not all arrived within 20 s; findings of the kind, alerts, effects, newest event, now: ${seen}`);
  }
  const spans = (found) => [...found].map(([id, at]) => at - sent.get(id)).sort((a, b) => a - b);
  return {
    attacks: victims.length,
    aimedLoad: perSecond,
    reachedLoad: records / seconds,
    webhook: summary(spans(heard)),
    revocation: summary(spans(removed)),
    load: load(),
  };
}

/** The grant and four refused pushes stand before; the fifth refusal and the sign-in are what gives the attack away. */
function partsOf(records) {
  const okta = records.filter(({ source }) => source === 'okta');
  const grant = records.filter(({ record }) => record.category === 'AuditLogs');
  return { before: [...grant, ...okta.slice(0, 4)], trigger: okta.slice(4) };
}

function pacedLoad(ground, perSecond, without) {
  const records = liveLoad(Date.now, without);
  const began = performance.now();
  let produced = 0;
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      const due = Math.floor(((performance.now() - began) / 1_000) * perSecond) - produced;
      const batch = [];
      while (batch.length < Math.min(due, 5_000)) batch.push(records.next().value);
      if (batch.length > 0) await ground.produce(batch);
      produced += batch.length;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return {
    stop: async () => {
      stopped = true;
      await running;
      return { records: produced, seconds: (performance.now() - began) / 1_000 };
    },
  };
}

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
const summary = (sorted) => ({ count: sorted.length, p50Ms: at(sorted, 0.5), p99Ms: at(sorted, 0.99), maxMs: sorted.at(-1) });
