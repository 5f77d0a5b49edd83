import { migrationState, type ClickHouse, type LineState } from '@keyward/adapter-clickhouse';
import { TOPICS } from '@keyward/pipeline';
import type { MessageBus } from '@keyward/runtime';
import { DAY_MS, HOUR_MS, isoInstant } from '@keyward/events';
import { count } from '../terminal.js';
import type { Diagnosis } from './diagnosis.js';

type Look = Omit<Diagnosis, 'check'>;
const MINIMUM_NODE = [20, 19] as const;
/** A source that has sent within a week and not within a day has fallen silent. */
const KNOWN_MS = 7 * DAY_MS;
const SILENT_MS = DAY_MS;
const TOP_REASONS = 5;

export function checkNode(version: string): Look {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const isEnough = major > MINIMUM_NODE[0] || (major === MINIMUM_NODE[0] && minor >= MINIMUM_NODE[1]);
  return isEnough
    ? { health: 'ok', sentence: `Node ${version} runs it.` }
    : { health: 'misconfigured', sentence: `Node ${version} is too old: install ${MINIMUM_NODE.join('.')} or later.` };
}

/** @throws UnavailableError */
export async function checkBus(bus: MessageBus): Promise<Look> {
  const names = TOPICS.map(({ name }) => name);
  const ends = await bus.endOffsets(names);
  const missing = names.filter((name) => !ends.has(name));
  if (missing.length === 0) return { health: 'ok', sentence: `${bus.description} answers and has all ${names.length} topics.` };
  return {
    health: 'warning',
    sentence: `${bus.description} answers, but ${missing.length} of ${names.length} topics are missing: the first worker to start makes them.`,
    details: missing,
  };
}

/** @throws ConflictError, UnavailableError */
export async function checkMigrations(clickhouse: ClickHouse): Promise<Look> {
  const { applied, missing, changed, unknown } = await migrationState(clickhouse);
  if (changed.length > 0)
    return {
      health: 'broken',
      sentence: 'Migrations were changed after they had been applied: restore the files, and put changes into new ones.',
      details: changed,
    };
  if (missing.length > 0) return { health: 'misconfigured', sentence: 'The database is behind: run "keyward migrate".', details: missing };
  if (unknown.length > 0)
    return { health: 'warning', sentence: 'The database was migrated by a newer Keyward than this one.', details: unknown };
  return { health: 'ok', sentence: `The database ${clickhouse.database} is up to date (${applied} migrations).` };
}

export async function checkDeadLetters(state: LineState, now: number): Promise<Look> {
  const reasons = await state.deadLettersSince(now - DAY_MS);
  if (reasons.length === 0) return { health: 'ok', sentence: 'No record went to the dead letter in the last 24 hours.' };
  const total = reasons.reduce((sum, { records }) => sum + records, 0);
  return {
    health: 'warning',
    sentence: `${count(total)} records could not be read in the last 24 hours; table dead_letters holds them for a month.`,
    details: reasons
      .slice(0, TOP_REASONS)
      .map(({ source, code, records, example }) => `${count(records)} of ${source}: ${code} (${example})`),
  };
}

export async function checkDeliveries(state: LineState, now: number): Promise<Look> {
  const sinks = await state.undelivered(now - DAY_MS);
  if (sinks.length === 0) return { health: 'ok', sentence: 'Every alert has reached its receivers.' };
  return {
    health: 'warning',
    sentence: 'Alerts have not reached every receiver; waiting ones are tried again by themselves.',
    details: sinks.map(({ sink, pending, failed, lastError }) => {
      const last = lastError === '' ? '' : `; last error: ${lastError}`;
      return `${sink}: ${count(pending)} waiting, ${count(failed)} given up in the last 24 hours${last}`;
    }),
  };
}

const STEP_WORDS: Readonly<Record<string, string>> = {
  awaiting_approval: 'wait for somebody to approve them',
  approved: 'are approved and not begun',
  revoking: 'were begun and not answered',
  revoked: 'were answered and not verified',
  already_absent: 'were absent already and not verified',
  not_verified: 'did not take effect: access still stands',
  failed: 'have failed',
};
export async function checkEffects(state: LineState, now: number): Promise<Look> {
  const open = await state.openEffects();
  if (open.length === 0) return { health: 'ok', sentence: 'Every revocation has come to its end.' };
  // What waits for a person is no fault; what the machine has not finished within an hour is for a person to look at.
  const stuck = open.some(({ state: step, since }) => step !== 'awaiting_approval' && now - since > HOUR_MS);
  return {
    health: stuck ? 'warning' : 'ok',
    sentence: stuck ? 'Revocations have not come to their end for more than an hour: look at page Grants.' : 'Revocations are under way.',
    details: open.map(({ state: step, effects, since }) => `${count(effects)} ${STEP_WORDS[step] ?? step} (oldest: ${isoInstant(since)})`),
  };
}

export async function checkSources(state: LineState, now: number): Promise<Look> {
  const sources = await state.sourcesSince(now - KNOWN_MS);
  if (sources.length === 0)
    return { health: 'warning', sentence: 'No source has sent anything for a week: see whether its forwarder runs.' };
  const silent = sources.filter(({ lastArrival }) => now - lastArrival > SILENT_MS);
  if (silent.length === 0) return { health: 'ok', sentence: `Sources that send: ${sources.map(({ source }) => source).join(', ')}.` };
  return {
    health: 'warning',
    sentence: 'Sources have fallen silent: see whether their forwarders run.',
    details: silent.map(({ source, lastArrival }) => `${source}: nothing since ${isoInstant(lastArrival)}`),
  };
}
