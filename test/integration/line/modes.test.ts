import { demoStart, liveIntruder, makePeople, type Person } from '@keyward/fixtures';
import { Effect, type Decision } from '@keyward/response';
import { GraphServer } from '@keyward/testkit';
import type { Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Servers, demoOrganisation, kafkaAvailable, pause, produce, startLine, until, type RunningLine } from './harness.js';

const GROUP = { name: 'pg-payments-admin', id: '5a1d3a0e-6f0c-4b57-9d0c-1c54b5c0a7aa' };
const people = makePeople();
const [watched, guarded, taken, approved, twice, last] = [13, 14, 16, 18, 19, 20].map((seat) => people[seat]!) as [
  Person,
  Person,
  Person,
  Person,
  Person,
  Person,
];

describe.skipIf(!kafkaAvailable())('modes and guard rails of the response policy, on the whole line (needs Apache Kafka)', () => {
  let servers: Servers;
  let graph: GraphServer;
  let line: RunningLine;
  let producer: Producer;
  let decisions = 0;
  const begin = Date.now() - 10 * 60_000;

  const stepsOf = async (person: Person): Promise<Effect[]> =>
    (
      await line.ground.rows<{ effect: string }>('SELECT effect FROM effects FINAL WHERE identity = {identity:String} ORDER BY at, seq', {
        identity: person.id,
      })
    ).map(({ effect }) => Effect.parse(JSON.parse(effect)));
  const states = (steps: readonly Effect[]): string[] => steps.map(({ state }) => state);
  /** Until the newest step says so. */
  const untilState = (person: Person, state: Effect['state'], approvals = 0): Promise<Effect[]> =>
    until(`${person.id} to be ${state}`, async () => {
      const steps = await stepsOf(person);
      const newest = steps.at(-1);
      return newest?.state === state && newest.approvals.length >= approvals && steps;
    });
  const removedFrom = (person: Person): boolean => graph.removals.some(({ principalId }) => principalId === person.entraId);
  const intrude = async (person: Person, at = begin): Promise<void> => {
    if (!graph.groups.some(({ principalId }) => principalId === person.entraId))
      graph.groups.push({ principalId: person.entraId, groupId: GROUP.id, accessId: 'member' });
    await produce(producer, liveIntruder(at, person));
  };
  const decide = async (kind: 'approve' | 'deny', effectUid: string, user: string): Promise<void> => {
    decisions += 1;
    const decision: Decision = { uid: `decision-${decisions}`, kind, effectUid, user, reason: 'Seen on the phone.', at: Date.now() };
    await producer.send({ topic: 'access.decisions', messages: [{ key: effectUid, value: JSON.stringify(decision) }] });
  };

  beforeAll(async () => {
    [servers, graph] = await Promise.all([Servers.start(), new GraphServer().start()]);
    for (const { upn, entraId } of people) graph.users.set(upn, entraId);
    graph.groupNames.set(GROUP.name, GROUP.id);
    const rule = (id: string, who: string, mode: string): string =>
      `  - { id: ${id}, who: ${who}, when: { detections: [mfa_fatigue], minSeverity: high }, ${mode} }`;
    line = await startLine(servers, {
      organisation: demoOrganisation(demoStart(begin)),
      policy: `version: 1
rules:
${rule('watch', `{ identities: [${watched.id}] }`, 'mode: observe')}
${rule('ask', `{ identities: [${approved.id}] }`, 'mode: approve')}
${rule('ask-two', `{ identities: [${twice.id}] }`, 'mode: approve, approvals: 2')}
${rule('take', '{}', 'mode: enforce')}
connectors:
  - id: entra
    product: entra_pim
    grants: ['entra:*']
    settings: { tenantId: ${graph.tenantId}, clientId: ${graph.clientId}, clientSecretEnv: TEST_GRAPH_SECRET, graphUrl: '${graph.origin}', loginUrl: '${graph.origin}' }
guardRails:
  maxRevocationsPerHour: 3
  coolDownMinutes: 60
  protected: { identities: [${guarded.id}] }
`,
      env: { TEST_GRAPH_SECRET: graph.clientSecret, KEYWARD_OUTBOUND_ALLOWED_HOSTS: graph.host },
    });
    producer = await servers.plainProducer();
  });
  afterAll(async () => {
    await line.stop();
    await Promise.all([servers.close(), graph.stop()]);
  });

  it('observe: writes down what it would have taken, and calls nobody', async () => {
    await intrude(watched);
    await untilState(watched, 'observed');
    await line.ground.settled();
    expect(new Set(states(await stepsOf(watched)))).toEqual(new Set(['observed']));
    expect(graph.requests).toEqual([]);
  });

  it('protected identity: held by that rail, whatever the mode', async () => {
    await intrude(guarded);
    const [step] = await untilState(guarded, 'held');
    expect(step).toMatchObject({ guard: 'protected_identity', mode: 'enforce' });
    // No approval lifts it.
    await decide('approve', step!.uid, 'ria');
    await line.ground.settled();
    expect(states(await stepsOf(guarded))).toEqual(['held']);
    expect(graph.requests).toEqual([]);
  });

  it('enforce: takes it at once', async () => {
    await intrude(taken);
    expect(states(await untilState(taken, 'verified'))).toEqual(['revoking', 'revoked', 'verified']);
    expect(removedFrom(taken)).toBe(true);
  });

  it('cool-down: the same right, given again within the hour, is held', async () => {
    const removals = graph.removals.length;
    await intrude(taken, begin + 5 * 60_000);
    const steps = await untilState(taken, 'held');
    expect(steps.at(-1)).toMatchObject({ guard: 'cool_down', entitlement: `entra:group:${GROUP.name}` });
    expect(graph.removals).toHaveLength(removals);
  });

  it('approve: waits for a person, then takes it; a second approval changes nothing', async () => {
    await intrude(approved);
    const [step] = await untilState(approved, 'awaiting_approval');
    await pause(500);
    expect(removedFrom(approved)).toBe(false);
    await decide('approve', step!.uid, 'ria');
    const steps = await untilState(approved, 'verified');
    expect(states(steps)).toEqual(['awaiting_approval', 'approved', 'revoking', 'revoked', 'verified']);
    expect(steps[1]).toMatchObject({ actor: 'ria', reason: 'Seen on the phone.', approvals: ['ria'] });
    expect(removedFrom(approved)).toBe(true);
    await decide('approve', step!.uid, 'sam');
    await line.ground.settled();
    expect(await stepsOf(approved)).toHaveLength(5);
  });

  it('two-person rule: the same user twice is one, two users are two', async () => {
    await intrude(twice);
    const [step] = await untilState(twice, 'awaiting_approval');
    await decide('approve', step!.uid, 'ria');
    await untilState(twice, 'awaiting_approval', 1);
    await decide('approve', step!.uid, 'ria');
    await line.ground.settled();
    expect(states(await stepsOf(twice))).toEqual(['awaiting_approval', 'awaiting_approval']);
    expect(removedFrom(twice)).toBe(false);
    await decide('approve', step!.uid, 'sam');
    const steps = await untilState(twice, 'verified');
    expect(steps.find(({ state }) => state === 'approved')?.approvals).toEqual(['ria', 'sam']);
    expect(removedFrom(twice)).toBe(true);
  });

  it('cap per hour: what would be the fourth is held, and a person can deny it', async () => {
    await intrude(last);
    const [step] = await untilState(last, 'held');
    expect(step).toMatchObject({ guard: 'cap_per_hour' });
    await decide('deny', step!.uid, 'ria');
    expect(states(await untilState(last, 'denied'))).toEqual(['held', 'denied']);
    expect(removedFrom(last)).toBe(false);
    expect(graph.problems).toEqual([]);
  });
});
