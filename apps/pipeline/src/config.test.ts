import { loadConfig } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { PipelineConfig, WORKER_ROLES, WorkerConfig } from './config.js';

const CLICKHOUSE = { CLICKHOUSE_URL: 'http://127.0.0.1:8123' };
const KAFKA = { KAFKA_BROKERS: '127.0.0.1:9092' };

describe('configuration of the worker', () => {
  it('needs nothing said: every role, health on the loopback address', () => {
    const config = loadConfig(WorkerConfig, {});
    expect(config.ROLES).toEqual(WORKER_ROLES);
    expect([config.KEYWARD_WORKER_HOST, config.KEYWARD_WORKER_PORT, config.KEYWARD_MAX_ALERT_AGE_HOURS]).toEqual(['127.0.0.1', 9464, 24]);
    expect(config.KEYWARD_INSTANCE).not.toBe('');
  });

  it('takes roles with blanks, each once', () => {
    expect(loadConfig(WorkerConfig, { ROLES: ' respond , ingest,respond' }).ROLES).toEqual(['respond', 'ingest']);
  });

  it('takes the address of the dashboard with or without a slash at its end', () => {
    for (const url of ['https://keyward.example.com/sub', 'https://keyward.example.com/sub/']) {
      expect(loadConfig(WorkerConfig, { KEYWARD_PUBLIC_URL: url }).KEYWARD_PUBLIC_URL).toBe('https://keyward.example.com/sub');
    }
  });

  it.each([
    ['ROLES', 'ingest,everything'],
    ['ROLES', ','],
    ['KEYWARD_INSTANCE', 'two words'],
    ['KEYWARD_WORKER_PORT', '65536'],
    ['KEYWARD_WORKER_PORT', 'http'],
    ['KEYWARD_MAX_ALERT_AGE_HOURS', '0'],
    ['KEYWARD_MAX_ALERT_AGE_HOURS', 'a day'],
    ['KEYWARD_PUBLIC_URL', 'keyward.example.com'],
    ['KEYWARD_PUBLIC_URL', 'ftp://keyward.example.com'],
    ['KEYWARD_RETENTION_DAYS', '1'],
    ['KEYWARD_LOG_LEVEL', 'loud'],
    ['CLICKHOUSE_URL', 'not a url'],
  ])('names %s when it is %j', (name, value) => {
    expect(() => loadConfig(PipelineConfig, { ...CLICKHOUSE, ...KAFKA, [name]: value })).toThrow(name);
  });

  it('names everything that is wrong at once', () => {
    const load = () => loadConfig(PipelineConfig, { ...CLICKHOUSE, ...KAFKA, ROLES: 'x', KEYWARD_WORKER_PORT: '-1' });
    expect(load).toThrow(/ROLES[\s\S]*KEYWARD_WORKER_PORT/);
  });
});
