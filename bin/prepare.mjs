// What a bare clone needs before anything of it can run: packages, compiled code, the built dashboard. Each only when it is missing or stale.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));
const MINIMUM_NODE = [20, 19];

export function say(text) {
  process.stderr.write(`${text}\n`);
}
export function stop(text) {
  say(`keyward: ${text}`);
  process.exit(3);
}

/** Runs a command of this repository; shows what it says only when it fails. */
export function run(words, command, args, options = {}) {
  const began = performance.now();
  say(`  … ${words}`);
  const result = spawnSync(command, args, { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, ...options });
  if (result.status === 0) {
    say(`  ✓ ${words} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
    return;
  }
  say(`${result.stdout ?? ''}${result.stderr ?? ''}`.trim());
  stop(`${words} failed${result.error ? `: ${result.error.message}` : ''}.`);
}

export function checkNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [needMajor, needMinor] = MINIMUM_NODE;
  if (major < needMajor || (major === needMajor && minor < needMinor)) {
    stop(`Node ${process.versions.node} is too old: install ${needMajor}.${needMinor} or later (24 is recommended).`);
  }
}

export function install() {
  const marker = join(root, 'node_modules/.package-lock.json');
  if (existsSync(marker) && statSync(marker).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) return;
  run('installing packages (once; about a minute)', 'npm', ['install', '--no-audit', '--no-fund', '--no-progress']);
}

export function build() {
  run('compiling', process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']);
  const built = join(root, 'dashboards/analyst/dist/index.html');
  const inputs = ['dashboards/analyst/src', 'dashboards/analyst/index.html', 'dashboards/analyst/vite.config.ts', 'libs/contract/src'];
  if (existsSync(built) && Math.max(...inputs.map(newest)) <= statSync(built).mtimeMs) return;
  run('building the dashboard', 'npm', ['run', 'build', '-w', '@keyward/dashboard']);
}

/** Newest change below a path, ms. */
function newest(path) {
  const full = join(root, path);
  if (!existsSync(full)) return 0;
  const stat = statSync(full);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(full, { recursive: true }).reduce((latest, name) => Math.max(latest, statSync(join(full, name)).mtimeMs), 0);
}
