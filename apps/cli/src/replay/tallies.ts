import { entityRiskAt, type RiskContribution, type RiskModifiers } from '@keyward/alerts';
import { COMMANDS_FEATURE, DayReasons, SharedReasons } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import { DAY_MS, dayOf, isoDay, isoInstant } from '@keyward/events';
import { CommandBlocks, type Block, type TalliedCommand } from './command-blocks.js';
import { keepStrongest, reasonOf, type Reason, type Tallied } from './reasons.js';

export interface RiskRow {
  readonly day: string;
  readonly time: string;
  readonly identity: string;
  readonly score: number;
  readonly entityRisk: number;
  readonly top: readonly string[];
}

interface IdentityDay {
  readonly score: DayReasons;
  readonly reasons: Reason[];
  readonly commands: Map<string, CommandBlocks>;
  leastP: number;
  reachedAt: number;
}

/** One row for each identity and UTC day with activity: how alarming that day's own events and findings are, without any threshold. */
export class DayRisk {
  #day = -1;
  #identities = new Map<string, IdentityDay>();
  readonly #riskAt: (identity: string, at: number) => number;
  readonly #groupsOf: (identity: string) => readonly string[];

  /** @param riskAt the decaying sum, at the end of a day @param groupsOf peer groups of an identity */
  constructor(riskAt: (identity: string, at: number) => number, groupsOf: (identity: string) => readonly string[]) {
    this.#riskAt = riskAt;
    this.#groupsOf = groupsOf;
  }

  assessed(event: Tallied): readonly RiskRow[] {
    const closed = this.closeBefore(dayOf(event.time));
    if (event.command) this.#addCommand(event, event.command);
    else this.#addEvent(event);
    return closed;
  }
  found(finding: Finding): void {
    // A behaviour finding is the event's own p, which is counted already.
    if (finding.kind === 'behaviour' || dayOf(finding.time) !== this.#day) return;
    const tally = this.#tally(finding.identity, finding.time);
    tally.score.addRule(finding.detection, finding.p);
    this.#reached(tally, finding.p, finding.time);
    keepStrongest(tally.reasons, { p: finding.p, say: () => finding.sentence });
  }
  /** Rows of the day in hand when it is over. */
  closeBefore(day: number): readonly RiskRow[] {
    if (day <= this.#day) return [];
    for (const tally of this.#identities.values()) for (const { last } of tally.commands.values()) addBlock(tally, last);
    const shared = new SharedReasons(scoresOf(this.#identities), this.#groupsOf);
    const rows = [...this.#identities].map(([identity, tally]): RiskRow => ({
      day: isoDay(this.#day * DAY_MS),
      time: isoInstant(tally.reachedAt),
      identity,
      score: tally.score.score((key) => shared.has(identity, key)),
      entityRisk: this.#riskAt(identity, (this.#day + 1) * DAY_MS - 1),
      top: tally.reasons.map(({ text }) => text),
    }));
    this.#day = day;
    this.#identities = new Map();
    return rows;
  }

  #addEvent(event: Tallied): void {
    const { identity, time, p, terms, command } = event;
    const tally = this.#tally(identity, time);
    if (p === undefined) return;
    tally.score.addAct(terms.filter(({ feature }) => !command || feature !== COMMANDS_FEATURE));
    this.#reached(tally, p, time);
    const reason = reasonOf(event);
    if (reason) keepStrongest(tally.reasons, reason);
  }
  /** A block's commands count once, when it is over; the first of a session also as the event that it is. */
  #addCommand(event: Tallied, command: TalliedCommand): void {
    const { identity, session = '', p, say, time } = event;
    const tally = this.#tally(identity, time);
    let blocks = tally.commands.get(session);
    if (!blocks) tally.commands.set(session, (blocks = new CommandBlocks()));
    addBlock(tally, blocks.add({ p, say, command }));
    if (!command.isWithin) this.#addEvent(event);
    else if (p !== undefined) this.#reached(tally, p, time);
  }
  #tally(identity: string, time: number): IdentityDay {
    let tally = this.#identities.get(identity);
    if (!tally)
      this.#identities.set(
        identity,
        (tally = { score: new DayReasons(), reasons: [], commands: new Map(), leastP: Infinity, reachedAt: time }),
      );
    return tally;
  }
  #reached(tally: IdentityDay, p: number, time: number): void {
    if (p >= tally.leastP || dayOf(time) !== this.#day) return;
    tally.leastP = p;
    tally.reachedAt = time;
  }
}

function* scoresOf(identities: ReadonlyMap<string, IdentityDay>): Generator<readonly [string, DayReasons]> {
  for (const [identity, { score }] of identities) yield [identity, score];
}

function addBlock({ score, reasons }: IdentityDay, block: Block | undefined): void {
  if (block?.p === undefined) return;
  score.addAct([{ feature: COMMANDS_FEATURE, p: block.p }]);
  const reason = reasonOf(block);
  if (reason) keepStrongest(reasons, reason);
}

/** Entity risk at an instant, from what ALERT stored last. */
export const riskFrom = (contributions: readonly RiskContribution[], at: number, modifiers: RiskModifiers): number =>
  entityRiskAt(contributions, at, modifiers).risk;
