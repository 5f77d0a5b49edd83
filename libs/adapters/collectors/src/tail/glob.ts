import { readdir } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';

/** Packed files are copies of what was read already, and no text. */
const PACKED = /\.(?:gz|xz|bz2|zst|zip)$/i;
const escaped = (text: string): string => text.replace(/[.+^${}()|[\]\\]/g, '\\$&');

/** `*` and `?` within one part of a path; nothing else is special. A name that begins with a dot is found only by a part that does. */
function partPattern(part: string): RegExp | undefined {
  if (!/[*?]/.test(part)) return undefined;
  const body = escaped(part).replaceAll('*', '[^/]*').replaceAll('?', '[^/]');
  return new RegExp(`^${part.startsWith('.') ? '' : '(?!\\.)'}${body}$`);
}

export const isPattern = (pattern: string): boolean => isAbsolute(pattern) && !pattern.includes('**');
export const isPacked = (path: string): boolean => PACKED.test(path);

/** @returns paths that match one of the patterns, each once, in order; folders that are not there or can't be read have none */
export async function filesOf(patterns: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const pattern of patterns) {
    let paths: readonly string[] = ['/'];
    for (const part of pattern.split('/').filter((one) => one !== '')) paths = await under(paths, part);
    for (const path of paths) if (!isPacked(path)) found.add(path);
  }
  return [...found].toSorted();
}

/** Files beside this one, without packed ones. */
export const besides = async (path: string): Promise<readonly string[]> =>
  (await namesIn(dirname(path))).map((name) => join(dirname(path), name)).filter((one) => !isPacked(one));

async function under(folders: readonly string[], part: string): Promise<readonly string[]> {
  const pattern = partPattern(part);
  if (!pattern) return folders.map((folder) => join(folder, part));
  const lists = await Promise.all(
    folders.map(async (folder) => (await namesIn(folder)).filter((name) => pattern.test(name)).map((name) => join(folder, name))),
  );
  return lists.flat();
}

const namesIn = (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);
