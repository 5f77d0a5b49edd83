import { parseInstant } from './instant.js';
import { isObject, text, type JsonObject } from './json.js';

/** Members in which shippers, search engines and collectors put the line as it came: Beats, Fluent Bit, Vector, Graylog, Log Analytics' `Syslog`. */
const LINES = ['message', 'log', 'raw', '_raw', 'event.original', 'SyslogMessage', 'full_message', 'short_message'] as const;
/** The shipper's own clock is the nearest to when the line was received. */
const TIMES = ['@timestamp', 'timestamp', '_time', 'TimeGenerated', 'time', 'date'] as const;

/** @returns the line that a shipper put into its own record, as written; undefined when there is none */
export function lineIn(carrier: JsonObject): string | undefined {
  const { event } = carrier;
  const nested = isObject(event) ? text(event['original']) : undefined;
  if (nested !== undefined) return nested;
  for (const name of LINES) {
    const line = carrier[name];
    if (typeof line === 'string') return line;
  }
  return undefined;
}

/** @returns when the shipper had the line, epoch ms, for lines whose own time has no year; undefined when it doesn't say */
export function shippedAt(carrier: JsonObject): number | undefined {
  for (const name of TIMES) {
    const time = parseInstant(carrier[name]);
    if (time !== undefined) return time;
  }
  return undefined;
}
