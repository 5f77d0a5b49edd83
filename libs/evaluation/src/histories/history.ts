import { eventUid, type AccessEvent } from '@keyward/events';
import type { Label } from '../labels.js';

/** One file of a labelled history, as the data set's authors named it. */
export interface HistoryFile {
  readonly name: string;
  readonly lines: AsyncIterable<string>;
}
export interface ReadHistory {
  /** In order of time within each list; several lists are merged. */
  readonly events: readonly AsyncIterable<AccessEvent>[];
  readonly labels: readonly Label[];
  /** First evaluated UTC day. */
  readonly evaluatedFrom: string;
}

/** A public data set's format. Reading is pure: lines come from the caller. */
export interface HistoryFormat {
  readonly id: string;
  readonly title: string;
  /** Where it comes from. */
  readonly reference: string;
  /** Whether a folder with these files is one of it. */
  readonly recognises: (names: readonly string[]) => boolean;
  /** @param files those of the folder, by name */
  readonly read: (files: ReadonlyMap<string, HistoryFile>) => Promise<ReadHistory>;
}

const DAY_MS = 86_400_000;
export const isoDayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);
export const isoOf = (time: number): string => new Date(time).toISOString();

/** Identity of an account in a history that has no organisation: what the line calls it too. */
export const identityOf = (system: string, name: string): string => `${system}:${name}`;

/** An event of a data set: read as what the `ocsf` source would have been given. */
export function historyEvent(
  nativeId: string,
  time: number,
  event: Omit<AccessEvent, 'uid' | 'nativeId' | 'source' | 'time'>,
): AccessEvent {
  return { uid: eventUid('ocsf', nativeId), nativeId, source: 'ocsf', time, ...event };
}

/** UTC days from an instant to another, both included. */
export function daysBetween(from: number, to: number): readonly string[] {
  const days: string[] = [];
  for (let day = Math.floor(from / DAY_MS); day <= Math.floor(to / DAY_MS); day += 1) days.push(isoDayOf(day * DAY_MS));
  return days;
}

/** All lines of a small file that has to be there. @throws Error naming it */
export async function allLines(files: ReadonlyMap<string, HistoryFile>, name: string): Promise<readonly string[]> {
  const file = files.get(name);
  if (!file) throw new Error(`the history has no ${name}`);
  const lines: string[] = [];
  for await (const line of file.lines) if (line.trim() !== '') lines.push(line);
  return lines;
}
