// What Keyward reaches on this machine: from Kafka to ClickHouse beside bare clients, latency at half load, and the parts by themselves.
import { parseArgs } from 'node:util';
import { Ground } from './ground.mjs';
import { Counterparts, latencies } from './latency.mjs';
import { identitiesBenchmark } from './identities.mjs';
import { load, machine } from './machine.mjs';
import { microBenchmarks } from './micro.mjs';
import { modelBenchmark } from './model.mjs';
import { history } from './records.mjs';
import { asText } from './report.mjs';
import { bareConsume, bareInsert, throughLine } from './throughput.mjs';

const HELP = `npm run bench -- [options]
  --events N          vendor records through the line (default 60000)
  --workers N         worker processes (default 1)
  --attacks N         attacks whose latency is measured, at most 40 (default 30); 0 leaves it out
  --only PART         micro, line, model or identities
  --model-events N    events of the model by itself (default 120000)
  --identities N      identities folded with their ledgers in ClickHouse (default 100000)
  --ledgers N         how many of them may be in memory (default a tenth)
  --worker-flags F    flags of node for the worker, e.g. "--cpu-prof"
  --json              the numbers as JSON on standard output, the table on standard error
`;

const options = {
  events: { type: 'string', default: '60000' },
  workers: { type: 'string', default: '1' },
  attacks: { type: 'string', default: '30' },
  only: { type: 'string' },
  'model-events': { type: 'string', default: '120000' },
  identities: { type: 'string', default: '100000' },
  ledgers: { type: 'string' },
  'worker-flags': { type: 'string', default: '' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

const say = (text) => process.stderr.write(`  … ${text}\n`);

async function measureLine(result, demo, { workers, attacks, workerFlags }) {
  const counterparts = await Counterparts.start();
  say('starting Kafka and ClickHouse');
  const ground = await Ground.start();
  try {
    await ground.prepare(demo.organisation, { policy: counterparts.policy, env: counterparts.env });
    say(`producing ${demo.records.length} records`);
    await ground.produce(demo.records);
    say('bare kafkajs consume');
    result.consume = await bareConsume(ground, demo.records.length);
    say('the line');
    result.line = await throughLine(ground, demo.records, workers, workerFlags);
    say('plain ClickHouse insert');
    result.insert = await bareInsert(ground);
    if (attacks > 0) {
      say('latency at half load');
      await ground.settled();
      result.latency = await latencies(ground, counterparts, { perSecond: Math.floor(result.line.perSecond / 2), attacks });
    }
  } finally {
    await ground.close();
    await counterparts.stop();
  }
}

/** @returns exit code */
export async function bench(args) {
  const { values } = parseArgs({ args, options });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const isAsked = (part) => values.only === undefined || values.only === part;
  const needsDemo = isAsked('line') || isAsked('micro');
  const demo = needsDemo ? history(Number(values.events), Date.now()) : { records: [] };
  const result = {
    when: new Date().toISOString(),
    command: `npm run bench${args.length > 0 ? ` -- ${args.join(' ')}` : ''}`,
    machine: machine(),
    loadAtStart: load(),
    events: demo.records.length,
  };
  if (isAsked('line')) {
    await measureLine(result, demo, {
      workers: Number(values.workers),
      attacks: Math.min(40, Number(values.attacks)),
      workerFlags: values['worker-flags'].split(' ').filter((flag) => flag !== ''),
    });
  }
  if (isAsked('micro')) {
    say('the parts by themselves');
    result.micro = await microBenchmarks(demo);
  }
  if (isAsked('model')) {
    say('the model beside the comparators');
    result.model = modelBenchmark(Number(values['model-events']));
  }
  if (isAsked('identities')) {
    const identities = Number(values.identities);
    say(`${identities} identities`);
    result.identities = await identitiesBenchmark(identities, Number(values.ledgers ?? Math.ceil(identities / 10)), say);
  }
  result.loadAtEnd = load();
  if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  (values.json ? process.stderr : process.stdout).write(asText(result));
  return 0;
}
