import type { BusRecord, Mark, Order } from '@keyward/runtime';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { z } from 'zod';

/** Header of a record that is to be put in order: `<reach> <input>`. */
const ORDER_HEADER = 'keyward-order';
/** Header of a record that is none of the stage's: its value holds marks. */
const MARKS_HEADER = 'keyward-marks';

export const orderHeaders = ({ input, reach }: Order): Record<string, string> => ({ [ORDER_HEADER]: `${reach} ${input}` });

/** @returns undefined for a record that somebody wrote who knows of no order: it stands where it stands */
export function orderOfRecord({ headers }: BusRecord): Order | undefined {
  const header = headers[ORDER_HEADER];
  if (header === undefined) return undefined;
  const space = header.indexOf(' ');
  const reach = Number(header.slice(0, space));
  return space > 0 && Number.isFinite(reach) ? { input: header.slice(space + 1), reach } : undefined;
}

/** How far each input is. Never changed in place: a reader remembers what it knew at each record. */
export type Inputs = ReadonlyMap<string, Omit<Mark, 'input'>>;

const Entries = z.array(z.tuple([z.string(), z.number(), z.union([z.literal(0), z.literal(1)])]));
const encode = (marks: Iterable<Mark>): string =>
  JSON.stringify(Array.from(marks, ({ input, reach, behind }) => [input, reach, behind ? 1 : 0]));

export const marksRecord = (marks: readonly Mark[]): { readonly value: string; readonly headers: Record<string, string> } => ({
  value: encode(marks),
  headers: { [MARKS_HEADER]: '1' },
});

/** @returns undefined for a record of the stage; nothing of marks that can't be read: whoever waits for them goes on in the end */
export function marksOfRecord({ headers, value }: BusRecord): readonly Mark[] | undefined {
  return headers[MARKS_HEADER] === undefined ? undefined : decode(value.toString('utf8'));
}

/** Stands in a note for all inputs that rest. */
const RESTING = '*';
/** A broker takes 4,096 bytes. */
const NOTE_BYTES = 4_000;

/**
 * As kept with a committed offset: inputs that are behind by name, the others as one. Deflated when long: some three hundred inputs that are all
 * behind fit. Beyond that there is no note, and a restart in the middle of a backlog waits for new marks.
 */
export function noteOf(inputs: Inputs): string {
  const all = Array.from(inputs, ([input, known]): Mark => ({ input, ...known }));
  const resting = all.filter(({ behind }) => !behind);
  const reach = resting.reduce((newest, one) => Math.max(newest, one.reach), UNKNOWN);
  const text = encode([...all.filter(({ behind }) => behind), ...(resting.length > 0 ? [{ input: RESTING, reach, behind: false }] : [])]);
  if (text.length <= NOTE_BYTES) return text;
  const packed = deflateRawSync(text).toString('base64');
  return packed.length <= NOTE_BYTES ? packed : '';
}

/** Nothing is known of an input yet: it is waited for. */
const UNKNOWN = -1;

/** @param expected inputs that there are @returns what is known of each, from the note where there is one */
export function inputsOfNote(note: string | undefined, expected: readonly string[]): Inputs {
  const marks = new Map(decode(unpack(note ?? '')).map(({ input, reach, behind }) => [input, { reach, behind }]));
  const others = marks.get(RESTING) ?? { reach: UNKNOWN, behind: true };
  marks.delete(RESTING);
  for (const input of expected) if (!marks.has(input)) marks.set(input, others);
  return marks;
}

function unpack(note: string): string {
  if (note === '' || note.startsWith('[')) return note;
  try {
    return inflateRawSync(Buffer.from(note, 'base64')).toString('utf8');
  } catch {
    return '';
  }
}

function decode(text: string): Mark[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return [];
  }
  const read = Entries.safeParse(json);
  return read.success ? read.data.map(([input, reach, behind]) => ({ input, reach, behind: behind === 1 })) : [];
}
