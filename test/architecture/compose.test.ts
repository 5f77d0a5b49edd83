import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ClickHouseConfig } from '@keyward/adapter-clickhouse';
import { KafkaConfig } from '@keyward/adapter-kafka';
import { OutboundConfig } from '@keyward/outbound';
import { parsePolicy } from '@keyward/response';
import { loadConfig } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { ApiConfig } from '../../apps/api/src/config.js';
import { WorkerConfig } from '../../apps/pipeline/src/config.js';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const Service = z.object({
  image: z.string(),
  user: z.string().optional(),
  read_only: z.boolean().optional(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  profiles: z.array(z.string()).default([]),
  command: z.array(z.string()).optional(),
  secrets: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
  healthcheck: z.object({ test: z.array(z.string()).min(2), start_period: z.string(), retries: z.number() }),
  deploy: z.object({ resources: z.object({ limits: z.object({ cpus: z.string(), memory: z.string() }) }) }),
});
const Compose = z.object({
  services: z.record(z.string(), Service),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

const text = read('docker-compose.yml');
const compose = Compose.parse(parse(text, { merge: true }));
const services = Object.entries(compose.services);
const OURS = ['pipeline', 'assess', 'api'];

/** As Compose does: `${NAME:-default}` is its default, `${NAME:?why}` must have been given. */
const interpolated = (value: string, given: Readonly<Record<string, string>>): string =>
  value.replaceAll(/\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}/g, (_, name: string, fallback: string | undefined) => given[name] ?? fallback ?? '');
const environmentOf = (service: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(compose.services[service]?.environment ?? {}).map(([name, value]) => [
      name,
      interpolated(value, { CLICKHOUSE_PASSWORD: 'made-for-this-test' }),
    ]),
  );

describe('docker-compose.yml', () => {
  it.each(services)('%s: image pinned, health check, limits, no new privileges', (_name, service) => {
    expect(service.image).toMatch(/^[\w./-]+:v?\d+\.\d+/);
    expect(service.cap_drop).toEqual(['ALL']);
    expect(service.security_opt).toContain('no-new-privileges:true');
  });
  it.each(OURS)('%s: read-only, not as root, waits for healthy servers, runs a file that the build makes', (name) => {
    const service = compose.services[name];
    expect(service?.read_only).toBe(true);
    expect(service?.user).toBe('node');
    expect(Object.keys(service?.depends_on ?? {}).toSorted()).toEqual(['clickhouse', 'kafka']);
    const main = service?.command?.at(-1) ?? '';
    expect(existsSync(join(ROOT, main.replace('/dist/', '/src/').replace(/\.js$/, '.ts')))).toBe(true);
  });
  it('publishes ports on loopback only', () => {
    const ports = services.flatMap(([, { ports: list }]) => list);
    expect(ports.length).toBeGreaterThan(0);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });
  it('holds no secret: passwords come from the environment or from files that are not in version control', () => {
    for (const [, { environment }] of services) {
      for (const [name, value] of Object.entries(environment)) {
        if (/PASSWORD|SECRET|TOKEN|KEY$/.test(name)) expect(value).toMatch(/^\$\{\w+:\?[^}]+\}$|^\/run\/secrets\//);
      }
    }
    const ignored = read('.gitignore').split('\n');
    for (const { file } of Object.values(compose.secrets)) expect(ignored).toContain(`${file.split('/')[1] ?? ''}/`);
    expect(ignored).toContain('.env');
    expect(ignored).toContain('.env.policy');
  });
  it('names only volumes, secrets and files that are there', () => {
    for (const [, { volumes, secrets }] of services) {
      for (const volume of volumes) {
        const from = interpolated(volume, {}).split(':')[0] ?? '';
        if (from.startsWith('.')) expect(existsSync(join(ROOT, from)), from).toBe(true);
        else expect(Object.keys(compose.volumes)).toContain(from);
      }
      for (const secret of secrets) expect(Object.keys(compose.secrets)).toContain(secret);
    }
  });

  const WORKER = z.intersection(z.intersection(WorkerConfig, OutboundConfig), z.intersection(ClickHouseConfig, KafkaConfig));
  const API = z.intersection(ApiConfig, z.intersection(ClickHouseConfig, KafkaConfig));
  it.each(['pipeline', 'assess'])('%s has every variable that the worker needs, and none that it does not know', (name) => {
    const config = loadConfig(WORKER, environmentOf(name));
    expect(config.ROLES).toEqual(name === 'assess' ? ['assess'] : ['ingest', 'assess', 'alert', 'respond']);
    expect(config.KEYWARD_WORKER_HOST).toBe('0.0.0.0');
    const known = [WorkerConfig, OutboundConfig, ClickHouseConfig, KafkaConfig].flatMap((schema) => Object.keys(schema.shape));
    expect(Object.keys(environmentOf(name)).filter((variable) => !known.includes(variable))).toEqual([]);
  });
  it('api has every variable that the API needs, and none that it does not know', () => {
    expect(loadConfig(API, environmentOf('api')).KEYWARD_HTTP_HOST).toBe('0.0.0.0');
    const known = [ApiConfig, ClickHouseConfig, KafkaConfig].flatMap((schema) => Object.keys(schema.shape));
    expect(Object.keys(environmentOf('api')).filter((variable) => !known.includes(variable))).toEqual([]);
  });
  it('says how when the password is missing', () => {
    expect(text.match(/\$\{CLICKHOUSE_PASSWORD:\?[^}]*openssl rand[^}]*\}/g)).toHaveLength(2);
    expect(read('.env.example')).toContain('\nCLICKHOUSE_PASSWORD=\n');
  });
  it('starts with a policy that takes nothing', () => {
    const parsed = parsePolicy(read('docker/policy.yaml'));
    expect(parsed.ok && parsed.policy.rules.map(({ mode }) => mode)).toEqual(['observe']);
  });
});

describe('docker/Dockerfile', () => {
  const dockerfile = read('docker/Dockerfile');
  it('pins its base image and does not run as root', () => {
    expect(dockerfile).toMatch(/^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-/m);
    expect([...dockerfile.matchAll(/^FROM (\S+)/gm)].map((match) => match[1])).toEqual(['${NODE_IMAGE}', '${NODE_IMAGE}']);
    expect(dockerfile.lastIndexOf('USER node')).toBeGreaterThan(dockerfile.lastIndexOf('FROM '));
  });
  it('names packages, files and folders of this repository', () => {
    for (const [, workspace] of dockerfile.matchAll(/-w (@keyward\/[a-z]+)/g)) {
      const folder = workspace === '@keyward/dashboard' ? 'dashboards/analyst' : `apps/${(workspace ?? '').replace('@keyward/', '')}`;
      expect(read(`${folder}/package.json`)).toContain(`"name": "${workspace ?? ''}"`);
    }
    expect(existsSync(join(ROOT, 'bin/healthcheck.mjs'))).toBe(true);
  });
});
