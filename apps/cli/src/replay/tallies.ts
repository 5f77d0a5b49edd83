import { entityRiskAt, type RiskContribution, type RiskModifiers } from '@keyward/alerts';
import { dayScore, sessionScore } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import { DAY_MS, dayOf, isoDay, isoInstant } from '@keyward/events';

/** Reasons that a row of risk.ndjson or sessions.ndjson names. */
const MAX_REASONS = 3;
/** A session without an event for this long is over. */
const SESSION_IDLE_MS = DAY_MS;

interface Reason {
  readonly p: number;
  readonly text: string;
}
/** Its words are made only when it is among the strongest. */
interface Candidate {
  readonly p: number;
  readonly say: () => string;
}

function keepStrongest(reasons: Reason[], { p, say }: Candidate): void {
  if (reasons.length === MAX_REASONS && p >= (reasons.at(-1)?.p ?? 1)) return;
  const said = say();
  if (reasons.some(({ text }) => text === said)) return;
  reasons.push({ p, text: said });
  reasons.sort((a, b) => a.p - b.p);
  if (reasons.length > MAX_REASONS) reasons.pop();
}

/** What is tallied of an assessed event. */
export interface Tallied {
  readonly time: number;
  /** Whom it counts for. */
  readonly identity: string;
  /** `<source>:<session uid>` */
  readonly session: string | undefined;
  /** Undefined when nothing could be evaluated: counted as p = 1 it would dilute what the others say. */
  readonly p: number | undefined;
  /** The words of its strongest term. */
  readonly say: (() => string) | undefined;
}
const reasonOf = ({ p, say }: Tallied): Candidate | undefined => (p === undefined || !say ? undefined : { p, say });

export interface RiskRow {
  readonly day: string;
  readonly time: string;
  readonly identity: string;
  readonly score: number;
  readonly entityRisk: number;
  readonly top: readonly string[];
}

interface IdentityDay {
  readonly ps: number[];
  readonly reasons: Reason[];
  leastP: number;
  reachedAt: number;
}

/** One row for each identity and UTC day with activity: how alarming that day's own events and findings are, without any threshold. */
export class DayRisk {
  #day = -1;
  #identities = new Map<string, IdentityDay>();
  readonly #riskAt: (identity: string, at: number) => number;

  /** @param riskAt the decaying sum, at the end of a day */
  constructor(riskAt: (identity: string, at: number) => number) {
    this.#riskAt = riskAt;
  }

  assessed(event: Tallied): readonly RiskRow[] {
    const closed = this.closeBefore(dayOf(event.time));
    this.#add(event.identity, event.p, event.time, reasonOf(event));
    return closed;
  }
  found(finding: Finding): void {
    // A behaviour finding is the event's own p, which is counted already.
    if (finding.kind === 'behaviour' || dayOf(finding.time) !== this.#day) return;
    this.#add(finding.identity, finding.p, finding.time, { p: finding.p, say: () => finding.sentence });
  }
  /** Rows of the day in hand when it is over. */
  closeBefore(day: number): readonly RiskRow[] {
    if (day <= this.#day) return [];
    const rows = [...this.#identities].map(([identity, tally]): RiskRow => ({
      day: isoDay(this.#day * DAY_MS),
      time: isoInstant(tally.reachedAt),
      identity,
      score: dayScore(tally.ps),
      entityRisk: this.#riskAt(identity, (this.#day + 1) * DAY_MS - 1),
      top: tally.reasons.map(({ text }) => text),
    }));
    this.#day = day;
    this.#identities = new Map();
    return rows;
  }

  #add(identity: string, p: number | undefined, time: number, reason: Candidate | undefined): void {
    let tally = this.#identities.get(identity);
    if (!tally) this.#identities.set(identity, (tally = { ps: [], reasons: [], leastP: Infinity, reachedAt: time }));
    if (p === undefined) return;
    tally.ps.push(p);
    if (p < tally.leastP && dayOf(time) === this.#day) {
      tally.leastP = p;
      tally.reachedAt = time;
    }
    if (reason) keepStrongest(tally.reasons, reason);
  }
}

export interface SessionRow {
  readonly session: string;
  readonly identity: string;
  readonly start: string;
  readonly end: string;
  readonly events: number;
  readonly score: number;
  readonly explanation: readonly string[];
}

interface OpenSession {
  readonly identity: string;
  readonly start: number;
  end: number;
  events: number;
  /** Of the events that could be evaluated. */
  readonly ps: number[];
  readonly reasons: Reason[];
}

/** One row for each session: its events' p taken together. */
export class Sessions {
  readonly #open = new Map<string, OpenSession>();
  #sweptAt = 0;
  /** No open session ended before: looking through all of them would find nothing. */
  #oldestEnd = Infinity;

  assessed(event: Tallied): readonly SessionRow[] {
    const { time, identity, session: id, p } = event;
    const rows = time - this.#sweptAt > SESSION_IDLE_MS ? this.close(time - SESSION_IDLE_MS) : [];
    if (rows.length > 0 || this.#sweptAt === 0) this.#sweptAt = time;
    if (id === undefined) return rows;
    let session = this.#open.get(id);
    if (!session) this.#open.set(id, (session = { identity, start: time, end: time, events: 0, ps: [], reasons: [] }));
    session.end = Math.max(session.end, time);
    this.#oldestEnd = Math.min(this.#oldestEnd, session.end);
    session.events += 1;
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
    for (const [session, { identity, start, end, events, ps, reasons }] of this.#open) {
      if (end >= before) {
        this.#oldestEnd = Math.min(this.#oldestEnd, end);
        continue;
      }
      this.#open.delete(session);
      rows.push({
        session,
        identity,
        start: isoInstant(start),
        end: isoInstant(end),
        events,
        score: sessionScore(ps),
        explanation: reasons.map(({ text }) => text),
      });
    }
    return rows;
  }
}

/** Entity risk at an instant, from what ALERT stored last. */
export const riskFrom = (contributions: readonly RiskContribution[], at: number, modifiers: RiskModifiers): number =>
  entityRiskAt(contributions, at, modifiers).risk;
