import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDemo, type VendorRecord } from '@keyward/fixtures';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const BIN = join(ROOT, 'bin', 'keyward.mjs');
if (!existsSync(join(ROOT, 'apps/cli/dist/main.js'))) throw new Error('The command line is tested as it is shipped: npm run build first');

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
export interface RunOptions {
  readonly stdin?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
}

/** What a shell has, and nothing of Keyward's own from outside. */
export const cleanEnvironment = (): Record<string, string> =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && !/^(KEYWARD|KAFKA|CLICKHOUSE|ROLES|NODE_OPTIONS|VITEST)/.test(entry[0]),
    ),
  );

/** Runs the built command line as a person would. */
export function keyward(args: readonly string[], { stdin, env = {} }: RunOptions = {}): Promise<Ran> {
  const child = spawn(process.execPath, [BIN, ...args], { env: { ...cleanEnvironment(), ...env }, stdio: 'pipe' });
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdin ?? '');
  return ended(child);
}

export async function ended(child: ChildProcess): Promise<Ran> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => err.push(chunk));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout: Buffer.concat(out).toString('utf8'), stderr: Buffer.concat(err).toString('utf8') };
}

export interface Folder {
  readonly path: string;
  file(...parts: string[]): string;
  remove(): void;
}
export function temporaryFolder(name: string): Folder {
  const path = mkdtempSync(join(tmpdir(), `keyward-${name}-`));
  return {
    path,
    file: (...parts) => join(path, ...parts),
    remove: () => {
      rmSync(path, { recursive: true, force: true });
    },
  };
}

export const ndjson = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
export const ndjsonFile = (file: string): Record<string, unknown>[] => ndjson(readFileSync(file, 'utf8'));

export const DEMO_START = Date.parse('2026-01-05T00:00:00Z');
/** Vendor records of Example Bank's first days, in order of time. */
export function demoRecords(days: number): readonly VendorRecord[] {
  const records: VendorRecord[] = [];
  for (const record of makeDemo(DEMO_START).records()) {
    if (record.time >= DEMO_START + days * 86_400_000) break;
    records.push(record);
  }
  return records;
}

/** All processes below one, itself left out: children of children, too. Linux. */
export function descendants(pid: number): readonly number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
      childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(name)]);
    } catch {
      // It ended while we looked.
    }
  }
  const found: number[] = [];
  const open = [pid];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const children = childrenOf.get(next) ?? [];
    found.push(...children);
    open.push(...children);
  }
  return found;
}
export function isAlive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}
