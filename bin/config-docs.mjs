#!/usr/bin/env node
// docs/configuration.md from the schemas that read the environment. `--check` fails when the file differs: CI runs that after the build.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ClickHouseConfig } from '@keyward/adapter-clickhouse';
import { KafkaConfig } from '@keyward/adapter-kafka';
import { ApiConfig } from '@keyward/api';
import { OutboundConfig } from '@keyward/outbound';
import { WorkerConfig } from '@keyward/pipeline';
import { z } from 'zod';

const FILE = fileURLToPath(new URL('../docs/configuration.md', import.meta.url));

/** Not exported by its app: nothing but `keyward start` and this page need it. */
const { DemoConfig } = await import(new URL('../apps/cli/dist/start/start-config.js', import.meta.url).href);

const SECTIONS = [
  { title: 'Bus', readers: 'Worker and API; `keyward start` where `KAFKA_BROKERS` is set', schema: KafkaConfig },
  { title: 'Store', readers: 'Worker, API, `keyward migrate`; `keyward start` where `CLICKHOUSE_URL` is set', schema: ClickHouseConfig },
  { title: 'Worker', readers: 'Worker (`apps/pipeline`), `keyward start`', schema: WorkerConfig },
  { title: 'API', readers: 'API (`apps/api`), `keyward start`', schema: ApiConfig },
  { title: 'Requests to the outside', readers: 'Worker, for sinks and connectors', schema: OutboundConfig },
  { title: 'Demo', readers: '`keyward start`', schema: DemoConfig },
];

const HEAD = `# Configuration

Everything is read from the environment, once, at start. A value that can't be used ends the process with a sentence that names the variable; an empty one counts as not set.
Flags take \`true\`, \`1\`, \`yes\`, \`on\` and their opposites. Secrets are never logged. What is about response, sinks and connectors stands in the policy file ([policy.md](policy.md)),
which names the variables that hold its secrets.

This page is written by \`node bin/config-docs.mjs\` from the schemas that read the environment; \`--check\` says whether it is up to date.
`;

/** What may be written, in a few words; from the JSON Schema of the variable's input. */
function valuesOf({ enum: choices, type, minimum, exclusiveMinimum, maximum, format, pattern }) {
  if (choices) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (type === 'integer' || type === 'number') {
    const number = type === 'integer' ? 'whole number' : 'number';
    const isBounded = (bound) => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
    if (isBounded(minimum) && isBounded(maximum)) return `${number}, ${minimum} to ${maximum}`;
    if (isBounded(exclusiveMinimum)) return `${number}, above ${exclusiveMinimum}`;
    return isBounded(minimum) ? `${number}, from ${minimum}` : number;
  }
  if (format === 'uri') return 'URL';
  return pattern ? 'name' : 'text';
}

function defaultOf(name, field, schema, isRequired) {
  if (isRequired) return '**required**';
  if (name === 'KEYWARD_INSTANCE') return "the machine's name";
  const value = isFlag(schema) ? outputOf(schema, undefined) : field.default;
  return value === undefined || value === '' ? 'none' : `\`${String(value)}\``;
}

const isFlag = (schema) => typeof outputOf(schema, 'true') === 'boolean';
function outputOf(schema, value) {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}

function tableOf(schema) {
  const { properties, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const rows = Object.entries(properties).map(([name, field]) => {
    const own = schema.shape[name];
    const meaning = own.description ?? field.description;
    if (!meaning) throw new Error(`${name} has no description: add .describe() to its schema`);
    const values = isFlag(own) ? 'flag' : valuesOf(field);
    return `| \`${name}\` | ${defaultOf(name, field, own, required.includes(name))} | ${values} | ${meaning.replaceAll('|', '\\|')} |`;
  });
  return ['| variable | default | values | meaning |', '|---|---|---|---|', ...rows].join('\n');
}

const page = `${HEAD}${SECTIONS.map(({ title, readers, schema }) => `\n## ${title}\n\nRead by: ${readers}.\n\n${tableOf(schema)}\n`).join('')}`;

if (process.argv.includes('--check')) {
  let written = '';
  try {
    written = readFileSync(FILE, 'utf8');
  } catch {
    // A missing file differs, too.
  }
  if (written !== page) {
    console.error('docs/configuration.md is not what the schemas say: run "node bin/config-docs.mjs" and commit it.');
    process.exit(1);
  }
} else {
  writeFileSync(FILE, page);
}
