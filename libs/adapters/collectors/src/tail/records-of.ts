import { LineJoiner, type SpanningLines } from '../line-joiner.js';
import { textOf } from '../text-of.js';

const LINE_FEED = 0x0a;

export interface ReadOptions {
  readonly source: SpanningLines;
  readonly maxRecordBytes: number;
  /** The bytes begin in the middle of a line whose beginning was given already, cut off. */
  readonly isSkipping: boolean;
  /** Nothing was written for a while: a record that waits for more lines has ended. */
  readonly isQuiet: boolean;
  /** Nothing will be written any more: so has a line. */
  readonly isFinal: boolean;
}

/**
 * Records in the bytes of a file. What has not ended stays: the next call gets it again, from `used` on.
 * @returns `isSkipping`: the bytes end within a line that was cut off
 */
export function recordsOf(
  bytes: Buffer,
  options: ReadOptions,
): { readonly records: readonly string[]; readonly used: number; readonly isSkipping: boolean; readonly cut: number } {
  const { source, maxRecordBytes, isSkipping, isQuiet, isFinal } = options;
  const records: string[] = [];
  const joiner = new LineJoiner(source, maxRecordBytes);
  let cut = 0;
  let at = 0;
  if (isSkipping) {
    const end = bytes.indexOf(LINE_FEED);
    if (end < 0) return { records, used: bytes.length, isSkipping: !isFinal, cut };
    at = end + 1;
  }
  let used = at;
  const lineIn = (from: number, to: number): string => {
    const isCut = to - from > maxRecordBytes;
    if (isCut) cut += 1;
    return textOf(bytes.subarray(from, Math.min(to, from + maxRecordBytes)), isCut);
  };
  for (let end = bytes.indexOf(LINE_FEED, at); end >= 0; end = bytes.indexOf(LINE_FEED, at)) {
    const wasWaiting = joiner.isWaiting;
    const line = lineIn(at, end);
    const ended = line === '' ? [] : joiner.push(line);
    records.push(...ended);
    if (!joiner.isWaiting) used = end + 1;
    // A record begins with this line: it is read again until it has ended.
    else if (!wasWaiting || ended.length > 0) used = at;
    at = end + 1;
  }
  const rest = bytes.length - at;
  const isTooLong = rest > maxRecordBytes;
  if (isFinal || isTooLong) {
    records.push(...joiner.flush());
    if (rest > 0) records.push(lineIn(at, bytes.length));
    return { records: records.filter((record) => record !== ''), used: bytes.length, isSkipping: isTooLong && !isFinal, cut };
  }
  if (isQuiet && rest === 0 && joiner.isWaiting) {
    records.push(...joiner.flush());
    used = at;
  }
  return { records, used, isSkipping: false, cut };
}
