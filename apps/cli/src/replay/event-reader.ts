import { isPrivateIp, type AccessEvent, type SourceId } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import { parseSlice, sourceById } from '@keyward/sources';
import { eventEntries, type GeoLookup } from '@keyward/stages';
import type { Place, ReadReport, ReadTask } from './messages.js';
import { TextBuffer, packEntry, type PackedHead } from './packed-events.js';
import type { SourceCounts } from './read-input.js';

/** Parsed, and waiting for the places of its addresses. */
export interface ReadEvents {
  readonly source: SourceId;
  readonly counts: SourceCounts;
  readonly events: readonly AccessEvent[];
}

/** Turns records into located, resolved and routed events, packed for their way to the scorers. */
export class EventReader {
  readonly #organisation: Organisation;
  readonly #geo: GeoLookup;
  readonly #now: number;
  readonly #text = new TextBuffer();

  constructor(organisation: Organisation, geo: GeoLookup, now: number) {
    this.#organisation = organisation;
    this.#geo = geo;
    this.#now = now;
  }

  /** @throws Error for a source that there is not: a bug in the wiring */
  parse({ source: id, slices }: ReadTask): ReadEvents {
    const source = sourceById(id);
    if (!source) throw new Error(`there is no source ${id}`);
    const counts: SourceCounts = { records: 0, kept: 0, ignored: 0, rejected: 0 };
    const events: AccessEvent[] = [];
    for (const slice of slices) {
      for (const result of parseSlice(source, slice, { now: this.#now })) {
        counts.records += 1;
        counts[result.kind] += 1;
        if (result.kind === 'kept') events.push(result.event);
      }
    }
    return { source: id, counts, events };
  }

  pack({ source, counts, events }: ReadEvents): ReadReport {
    const heads: PackedHead[] = [];
    for (const event of events) {
      const entries = eventEntries(event, this.#organisation, this.#geo);
      const resolved = entries[0]?.event ?? event;
      heads.push({
        time: event.time,
        source: event.source,
        uid: event.uid,
        session: event.session && `${event.source}:${event.session.uid}`,
        entries: entries.map(packEntry),
        length: this.#text.write(JSON.stringify(resolved)),
      });
    }
    return { kind: 'read', source, counts, events: { bytes: this.#text.take(), heads } };
  }
}

/** Addresses remembered: some thousand come again and again; millions of them must not fill the memory. */
const REMEMBERED = 100_000;

/** Places that another thread looked up: the databases take 150 MB, so there is one of each. */
export class AskedPlaces implements GeoLookup {
  #known = new Map<string, Place>();

  lookup(ip: string): Place {
    return this.#known.get(ip);
  }
  /** Addresses of these events that must be asked for before they can be packed. */
  missing(events: readonly AccessEvent[]): readonly string[] {
    const missing = new Set<string>();
    for (const { src } of events) if (src?.ip !== undefined && !this.#known.has(src.ip) && !isPrivateIp(src.ip)) missing.add(src.ip);
    return [...missing];
  }
  learn(places: readonly (readonly [string, Place])[]): void {
    for (const [ip, place] of places) this.#known.set(ip, place);
  }
  /** Call while nobody waits for an answer. */
  forgetSome(): void {
    if (this.#known.size > REMEMBERED) this.#known = new Map();
  }
}
