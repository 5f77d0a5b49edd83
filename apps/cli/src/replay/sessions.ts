import { commandSessionScore, sessionScore } from '@keyward/baselines';
import { DAY_MS, isoInstant } from '@keyward/events';
import { CommandBlocks, type Block } from './command-blocks.js';
import { keepStrongest, reasonOf, type Reason, type Tallied } from './reasons.js';

/** A session without an event for this long is over. */
const SESSION_IDLE_MS = DAY_MS;

export interface SessionRow {
  /** The vendor's own id of the session. */
  readonly session: string;
  readonly source: string;
  readonly identity: string;
  readonly start: string;
  readonly end: string;
  readonly events: number;
  readonly score: number;
  readonly explanation: readonly string[];
}

interface OpenSession {
  readonly id: string;
  readonly identity: string;
  readonly start: number;
  end: number;
  events: number;
  /** Of the events that could be evaluated. */
  readonly ps: number[];
  readonly reasons: Reason[];
  readonly commands: CommandBlocks;
  readonly blockNats: number[];
  strangest: Block | undefined;
}

/** One row for each session of an identity: its events' p taken together, and the evidence of its commands. */
export class Sessions {
  readonly #open = new Map<string, OpenSession>();
  #sweptAt = 0;
  /** No open session ended before: looking through all of them would find nothing. */
  #oldestEnd = Infinity;

  assessed(event: Tallied): readonly SessionRow[] {
    const { time, identity, session: id, p, say, command } = event;
    const rows = time - this.#sweptAt > SESSION_IDLE_MS ? this.close(time - SESSION_IDLE_MS) : [];
    if (rows.length > 0 || this.#sweptAt === 0) this.#sweptAt = time;
    if (id === undefined) return rows;
    // Some vendors count sessions for each account anew.
    const key = `${id} ${identity}`;
    let session = this.#open.get(key);
    if (!session) this.#open.set(key, (session = openSession(id, identity, time)));
    session.end = Math.max(session.end, time);
    this.#oldestEnd = Math.min(this.#oldestEnd, session.end);
    session.events += 1;
    if (command) addBlock(session, session.commands.add({ p, say, command }));
    if (command?.isWithin === true) return rows;
    if (p !== undefined) session.ps.push(p);
    const reason = reasonOf(event);
    if (reason) keepStrongest(session.reasons, reason);
    return rows;
  }
  /** Sessions whose last event is older. */
  close(before = Infinity): readonly SessionRow[] {
    if (this.#oldestEnd >= before) return [];
    const rows: SessionRow[] = [];
    this.#oldestEnd = Infinity;
    for (const [key, session] of this.#open) {
      if (session.end >= before) {
        this.#oldestEnd = Math.min(this.#oldestEnd, session.end);
        continue;
      }
      this.#open.delete(key);
      rows.push(rowOf(session));
    }
    return rows;
  }
}

const openSession = (id: string, identity: string, time: number): OpenSession => ({
  ...{ id, identity, start: time, end: time, events: 0, ps: [], reasons: [] },
  ...{ commands: new CommandBlocks(), blockNats: [], strangest: undefined },
});

function addBlock(session: OpenSession, block: Block | undefined): void {
  if (!block) return;
  session.blockNats.push(block.nats);
  if (block.nats > (session.strangest?.nats ?? -Infinity)) session.strangest = block;
}

function rowOf(session: OpenSession): SessionRow {
  const { id, identity, start, end, events, ps, reasons, commands, blockNats } = session;
  addBlock(session, commands.last);
  const colon = id.indexOf(':');
  const said = reasons.map(({ text }) => text);
  const commandsSaid = session.strangest?.say?.();
  return {
    session: id.slice(colon + 1),
    source: id.slice(0, colon),
    identity,
    start: isoInstant(start),
    end: isoInstant(end),
    events,
    score: blockNats.length > 0 ? commandSessionScore(blockNats, ps) : sessionScore(ps),
    explanation: commandsSaid === undefined ? said : [commandsSaid, ...said],
  };
}
