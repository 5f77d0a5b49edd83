#!/usr/bin/env node
// npm test: all set-up, then every layer of tests. `npm test -- unit store` runs only some.
// Real parts that can't be had are skipped by name; with KEYWARD_REQUIRE_REAL=1 that is a failure.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, checkNode, install, root, run, say, stop } from './prepare.mjs';

const LAYERS = ['unit', 'store', 'integration', 'scenario', 'e2e'];
const isRequired = process.env.KEYWARD_REQUIRE_REAL === '1';
const wanted = process.argv.slice(2).filter((argument) => LAYERS.includes(argument));
const layers = wanted.length > 0 ? wanted : LAYERS;
const rest = process.argv.slice(2).filter((argument) => !LAYERS.includes(argument));

/** Debian's packages of the real parts, and how one sees that they are there. */
const PARTS = [
  { name: 'Chromium', packages: ['chromium'], isThere: () => existsSync('/usr/bin/chromium'), layers: ['e2e'] },
  {
    name: 'PostgreSQL',
    packages: ['postgresql'],
    isThere: () => existsSync('/usr/lib/postgresql'),
    layers: ['store', 'integration', 'scenario'],
  },
  {
    name: 'OpenLDAP',
    packages: ['slapd', 'openssl'],
    isThere: () => existsSync('/usr/sbin/slapd') && existsSync('/usr/bin/openssl'),
    layers: ['store', 'integration'],
  },
  {
    name: 'Java and Maven',
    packages: ['default-jre-headless', 'maven'],
    isThere: () => works('java', '-version') && works('mvn', '--version'),
    layers: ['store', 'integration', 'e2e'],
  },
];
function works(command, argument) {
  return spawnSync(command, [argument], { stdio: 'ignore' }).status === 0;
}

function ensureParts() {
  const missing = PARTS.filter((part) => part.layers.some((layer) => layers.includes(layer)) && !part.isThere());
  if (missing.length === 0) return;
  const packages = missing.flatMap((part) => part.packages);
  const names = missing.map(({ name }) => name).join(', ');
  if (process.getuid?.() === 0 && works('apt-get', '--version')) {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    run('updating the list of Debian packages', 'apt-get', ['update', '-q'], { env });
    run(`installing ${names} (apt-get)`, 'apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env });
    return;
  }
  const sentence = `${names} missing, needed by some tests. Install: sudo apt-get install ${packages.join(' ')}`;
  if (isRequired) stop(sentence);
  say(`  ! ${sentence}\n    Those tests are skipped.`);
}

async function ensureKafka() {
  if (!layers.some((layer) => ['store', 'integration', 'e2e'].includes(layer))) return;
  const { fetchKafka, kafkaObstacle } = await import('../libs/adapters/embedded/dist/index.js');
  const libDirectory = join(root, '.keyward/kafka/lib');
  const obstacle = await kafkaObstacle(libDirectory);
  if (obstacle === undefined) {
    say('  … Apache Kafka from Maven Central (44 MB, once)');
    await fetchKafka(libDirectory);
  } else if (isRequired) stop(obstacle);
  else say(`  ! ${obstacle}\n    Tests against Kafka are skipped.`);
}

checkNode();
say('Setting up:');
install();
build();
ensureParts();
await ensureKafka();

const results = mkdtempSync(join(tmpdir(), 'keyward-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
const failedLayers = [];
for (const layer of layers) {
  say(`\n── ${layer} ──`);
  const file = join(results, `${layer}.json`);
  const vitest = spawnSync(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--project',
      layer,
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...rest,
    ],
    { cwd: root, stdio: 'inherit' },
  );
  if (existsSync(file)) {
    const report = JSON.parse(readFileSync(file, 'utf8'));
    total.passed += report.numPassedTests;
    total.failed += report.numFailedTests;
    total.skipped += report.numPendingTests + report.numTodoTests;
  }
  if (vitest.status !== 0) failedLayers.push(layer);
}
rmSync(results, { recursive: true, force: true });

if (failedLayers.length > 0) console.log(`\nFailed: ${failedLayers.join(', ')}`);
if (isRequired && total.skipped > 0) console.log(`\nKEYWARD_REQUIRE_REAL=1: ${total.skipped} tests were skipped; see their names above.`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = failedLayers.length > 0 ? 1 : 0;
