// What the numbers stand on: the machine, its load, and the CPU time of processes (Linux; elsewhere CPU times are missing, not invented).
import { readFileSync, readdirSync } from 'node:fs';
import { arch, cpus, loadavg, platform, totalmem } from 'node:os';

const TICKS_PER_SECOND = 100; // USER_HZ of every Linux that Node runs on

export const machine = () => ({
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  system: `${platform()} ${arch()}`,
  node: process.version,
});
export const load = () => loadavg().map((value) => Math.round(value * 100) / 100);

/** @returns CPU seconds, user and system, of a process and all below it; undefined where /proc is missing */
export function cpuSeconds(pid) {
  try {
    const parents = new Map();
    const ticks = new Map();
    for (const name of readdirSync('/proc')) {
      if (!/^\d+$/.test(name)) continue;
      const stat = statOf(name);
      if (!stat) continue;
      parents.set(Number(name), stat.parent);
      ticks.set(Number(name), stat.ticks);
    }
    let sum = 0;
    for (const [one, own] of ticks) if (isBelow(one, pid, parents)) sum += own;
    return sum / TICKS_PER_SECOND;
  } catch {
    return undefined;
  }
}

/** @returns MB: largest resident sets so far of a process and of all below it, added up; undefined where /proc is missing */
export function peakMegabytes(pid) {
  try {
    const all = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    const parents = new Map(all.flatMap((name) => (statOf(name) ? [[Number(name), statOf(name).parent]] : [])));
    const below = [...parents.keys()].filter((one) => isBelow(one, pid, parents));
    return below.reduce(
      (sum, one) => sum + Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1] ?? 0) / 1_000,
      0,
    );
  } catch {
    return undefined;
  }
}

function statOf(name) {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { parent: Number(fields[1]), ticks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return undefined; // it has just ended
  }
}

function isBelow(one, ancestor, parents) {
  for (let at = one; at !== undefined && at > 1; at = parents.get(at)) if (at === ancestor) return true;
  return false;
}

/** Wall and CPU seconds of this process while `work` runs; CPU counts the helper threads of the garbage collector too. */
export async function timed(work) {
  const began = performance.now();
  const before = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(before);
  return { result, wallSeconds: (performance.now() - began) / 1_000, cpuSeconds: (user + system) / 1e6 };
}

export async function until(what, look, { timeoutMs = 120_000, everyMs = 50 } = {}) {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (performance.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
