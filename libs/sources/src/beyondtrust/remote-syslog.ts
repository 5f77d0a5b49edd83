import { readSemicolonPairs } from '../syslog/key-value.js';
import type { JsonObject } from '../json.js';

/** Marks a record that `readRemote` made of a syslog line. */
export const REMOTE_KEY = 'keyward_pra';

/**
 * `BG[1234]: 1427:01:05:event=login;site=...`: program, site, number of this segment, number of segments, payload. Long messages are cut after
 * about 1,000 characters, in the middle of a word if need be. Relays drop the colon behind the tag, or put RFC 5424's fields there.
 *
 * @see BeyondTrust docs, "Privileged Remote Access syslog, message format"
 */
const SEGMENT = /\bBG(?:\[(\d{1,10})\])?:?(?: (\d{1,10}) \S{1,64})?(?: -| \[[^\]]{0,500}\])? ?(\d{1,8}):(\d{1,4}):(\d{1,4}):/;
/** Shippers that join the segments leave only the payload. */
const PAYLOAD = /^(?:event|site|when|who|who_ip|target|status)=[^;]{0,500};/;

interface Segment {
  /** Program, process and site: segments of one message agree in it. */
  readonly message: string;
  readonly number: number;
  readonly of: number;
  readonly payload: string;
}

/** The header stands within the first characters of a line. */
const HEADER_LENGTH = 400;

function segmentIn(line: string): Segment | undefined {
  const found = SEGMENT.exec(line.slice(0, HEADER_LENGTH));
  if (!found) return undefined;
  const [whole, process = '', processToo = '', site = '', number, of] = found;
  return {
    message: `${process}${processToo}/${site}`,
    number: Number(number),
    of: Number(of),
    payload: line.slice(found.index + whole.length),
  };
}

/**
 * Lines of one or several messages to records, one for each line: the first segment takes the payload of the others that follow, and these are
 * marked as continuations. So every line has its result, and a message whose other segments never came is read as far as it goes.
 *
 * @param text one line, or the lines that `remoteContinuation` joined
 * @param header what the syslog header says
 */
export function readRemote(text: string, header: JsonObject): JsonObject | readonly JsonObject[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const segments = lines.map((line) => segmentIn(line.replace(/\r$/, '')));
  const [first] = segments;
  if (first === undefined) return PAYLOAD.test(text) ? record(text, header) : undefined;
  if (segments.length === 1) return single(first, header);
  const records: JsonObject[] = [];
  let payload = first.payload;
  for (const segment of segments.slice(1)) payload += segment?.payload ?? '';
  records.push(record(payload, header));
  for (const _ of segments.slice(1)) records.push(CONTINUATION);
  return records;
}

const CONTINUATION: JsonObject = Object.freeze({ [REMOTE_KEY]: 'continuation' });

const EVENT = /(?:^|; ?)event=/;

/** A segment that came alone: what it was cut in is no value. */
function single({ number, of, payload }: Segment, header: JsonObject): JsonObject {
  if (number > 1 && !EVENT.test(payload)) return CONTINUATION;
  const whole = number < of ? payload.slice(0, payload.lastIndexOf(';') + 1) : payload;
  return record(whole, header);
}

const record = (payload: string, header: JsonObject): JsonObject => ({ ...readSemicolonPairs(payload), [REMOTE_KEY]: header });

/** For `Source.continuation`: whether the next line is the next segment of the message that begins with this one. */
export function remoteContinuation(firstLine: string): ((nextLine: string) => boolean) | undefined {
  const first = segmentIn(firstLine);
  if (first === undefined || first.number !== 1 || first.of < 2) return undefined;
  let expected = 2;
  return (nextLine) => {
    const next = segmentIn(nextLine);
    if (next?.message !== first.message || next.number !== expected || next.of !== first.of) return false;
    expected += 1;
    return true;
  };
}
