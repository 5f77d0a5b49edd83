import type { BehaviourModel } from '@keyward/baselines';
import type { Finding } from '@keyward/detections';
import { DAY_MS, dayOf } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import { UNUSUAL_BEHAVIOUR } from '../behaviour-finding.js';
import type { AssessedEvent } from '../ports.js';
import { behaviourUid, decideTwice, findingOfRow, greatestAlarm, isSameAlarm, ownIdentity, type DecidedTwice } from './behaviour-again.js';
import type { CompiledChange } from './change.js';
import { inLineOrder } from './finding-order.js';
import { GrantsThen } from './grants-then.js';
import type { BacktestHistory, Span } from './history.js';
import { DetectionRerun } from './rerun.js';
import { resultOf } from './report.js';
import type { BacktestResult } from './result.js';
import { Side } from './side.js';
import { slicesOf } from './slices.js';

export interface BacktestOptions {
  readonly span: Span;
  readonly change: CompiledChange;
  readonly history: BacktestHistory;
  readonly organisation: Organisation;
  readonly model: BehaviourModel;
  readonly signal: AbortSignal;
  /** Days before the span from which detections are folded; absent: from the first stored event on, as the line did. */
  readonly warmUpDays?: number | undefined;
  readonly onProgress?: ((progress: BacktestProgress) => void) | undefined;
  /** Awaited after each block, so that whoever shares the thread gets a turn. */
  readonly breathe?: (() => Promise<void>) | undefined;
}

export interface BacktestProgress {
  readonly phase: 'detections' | 'alerts';
  /** Events folded again, or milliseconds of the span. */
  readonly done: number;
  readonly of: number;
}

/** Findings before the span that are grouped so that the span's own may join them, and count for risk: three half-lives of most findings. */
const GROUPED_DAYS = 21;
/** Of the findings a slice holds. */
const DAY_SLICE_MS = DAY_MS;

/**
 * What a changed configuration would have done with the stored history: the line's own folds, in event time, beside the present configuration.
 *
 * Scores are read as they are stored. Detections whose parameters (or policy of duties) changed are run again over the stored events; the findings of
 * all others, and all from before the span, are the stored ones. Nothing is written, sent or revoked.
 *
 * @throws UnavailableError; whatever reason `signal` was aborted with
 */
export async function runBacktest(options: BacktestOptions): Promise<BacktestResult> {
  return new Backtest(options).run();
}

/** A finding's side, when it is not on both. */
type Only = 'current' | 'changed' | 'both';
interface Placed {
  readonly finding: Finding;
  readonly on: Only;
}

class Backtest {
  readonly #options: BacktestOptions;
  readonly #grants: GrantsThen;
  readonly #reasons = new Map<string, string>();
  readonly #fidelity = { stored: 0, repeated: 0, missing: 0, additional: 0 };
  readonly #alarmDays = { same: 0, of: 0 };
  #findings = 0;
  #events = 0;

  constructor(options: BacktestOptions) {
    this.#options = options;
    this.#grants = new GrantsThen(options.history);
  }

  async run(): Promise<BacktestResult> {
    const { span, change, history, organisation } = this.#options;
    const rerun = await this.#rerun();
    const { current, changed } = await this.#fold(rerun);
    return resultOf({
      span,
      change,
      organisation,
      current,
      changed,
      labels: await history.labels(span),
      people: await history.people(span),
      reasons: this.#reasons,
      fidelity: this.#fidelity,
      alarmDays: this.#alarmDays,
      read: { events: this.#events, findings: this.#findings },
    });
  }

  /** Findings within the span of the detections that changed, on both sides. */
  async #rerun(): Promise<readonly Placed[]> {
    const { span, change, history, organisation, model, warmUpDays } = this.#options;
    if (change.detections.size === 0) return [];
    const start = warmUpDays === undefined ? 0 : span.from - warmUpDays * DAY_MS;
    const slices = slicesOf(await history.eventsByHour(span.to), { from: start, to: span.to });
    const total = slices.reduce((sum, { events }) => sum + events, 0);
    const fold = new DetectionRerun(change, organisation, model);
    const found: Placed[] = [];
    for (const slice of slices) {
      for await (const events of history.events(slice, this.#options.signal)) {
        for (const event of events) {
          const { current, changed } = fold.add(event);
          if (event.time >= span.from && (current.length > 0 || changed.length > 0)) found.push(...this.#placed(current, changed));
        }
        this.#events += events.length;
        await this.#step({ phase: 'detections', done: this.#events, of: total });
      }
    }
    return found;
  }

  /** Which findings are on which side, and why. */
  #placed(current: readonly Finding[], changed: readonly Finding[]): Placed[] {
    const [before, after] = [new Set(current.map(({ uid }) => uid)), new Set(changed.map(({ uid }) => uid))];
    const placed: Placed[] = [];
    for (const finding of current) placed.push({ finding, on: after.has(finding.uid) ? 'both' : 'current' });
    for (const finding of changed) if (!before.has(finding.uid)) placed.push({ finding, on: 'changed' });
    for (const { finding, on } of placed) if (on !== 'both') this.#reasons.set(finding.uid, this.#reasonOf(finding, on));
    return placed;
  }

  #reasonOf({ detection, sentence }: Finding, on: Only): string {
    const values = this.#options.change.differences
      .filter(({ what }) => what.startsWith(`${detection}.`) || what === 'sod')
      .map(({ what, from, to }) =>
        what === 'sod'
          ? on === 'changed'
            ? 'the changed duties'
            : 'the present duties'
          : `${what.slice(detection.length + 1)} ${on === 'changed' ? to : from}`,
      );
    return `${detection} finds it ${on === 'changed' ? 'only' : 'no more, only'} with ${values.join(', ')}: ${sentence}`;
  }

  /** Both sides over the span, a day at a time. */
  async #fold(rerun: readonly Placed[]): Promise<{ readonly current: Side; readonly changed: Side }> {
    const { span, change, history, organisation, signal } = this.#options;
    const current = new Side(organisation, change.current.policy);
    const earlier: Finding[] = [];
    for await (const findings of history.findings({ from: span.from - GROUPED_DAYS * DAY_MS, to: span.from }, signal)) {
      earlier.push(...findings);
      await this.#step({ phase: 'alerts', done: 0, of: span.to - span.from });
    }
    for (const finding of earlier.sort(inLineOrder)) current.prepare(finding);
    const changed = current.fork(change.changed.policy);
    let next = 0;
    for (let from = span.from; from < span.to; from += DAY_SLICE_MS) {
      const day = { from, to: Math.min(span.to, from + DAY_SLICE_MS) };
      const again: Placed[] = [];
      for (let placed = rerun[next]; placed && placed.finding.time < day.to; placed = rerun[(next += 1)]) again.push(placed);
      await this.#foldDay(day, again, current, changed);
      await this.#step({ phase: 'alerts', done: day.to - span.from, of: span.to - span.from });
    }
    return { current, changed };
  }

  async #foldDay(day: Span, again: readonly Placed[], current: Side, changed: Side): Promise<void> {
    const { change, history } = this.#options;
    const stored: Finding[] = [];
    for await (const findings of history.findings(day, this.#options.signal)) stored.push(...findings);
    const behaviour = this.#changesBudget ? await this.#behaviour(day, stored) : undefined;
    const isDecidedAgain = ({ detection }: Finding): boolean =>
      change.detections.has(detection) || (behaviour !== undefined && detection === UNUSUAL_BEHAVIOUR);
    const placed: Placed[] = [...stored.filter((finding) => !isDecidedAgain(finding)).map((finding) => ({ finding, on: 'both' as const }))];
    const decided = [...again, ...(behaviour ?? [])];
    this.#compareWithStored(
      stored.filter(isDecidedAgain),
      decided.filter(({ on }) => on !== 'changed'),
    );
    placed.push(...decided);
    placed.sort((a, b) => inLineOrder(a.finding, b.finding));
    await this.#grants.load(placed.map(({ finding }) => finding.identity));
    const counted = [change.current.policy, change.changed.policy].some(
      ({ guardRails }) => guardRails.maxShareOfActiveGrants !== undefined,
    );
    const active = counted && placed.length > 0 ? await history.countActiveGrants(day.from) : undefined;
    for (const { finding, on } of placed) {
      if (on !== 'changed') current.add(finding, this.#grants, active);
      if (on !== 'current') changed.add(finding, this.#grants, active);
    }
    this.#findings += placed.length;
  }

  get #changesBudget(): boolean {
    const { current, changed } = this.#options.change;
    return current.alertsPerThousand !== changed.alertsPerThousand;
  }

  /** The day's alarms on behaviour under both budgets, from stored scores. A finding that is stored is taken as it is: it knows more than its row. */
  async #behaviour(day: Span, stored: readonly Finding[]): Promise<Placed[]> {
    const { change, history, organisation, model, signal } = this.#options;
    const known = new Map(stored.map((finding) => [finding.uid, finding]));
    const placed: Placed[] = [];
    for (let number = dayOf(day.from); number <= dayOf(day.to - 1); number += 1) {
      const snapshot = (await history.snapshot(number)) ?? model.emptySnapshot();
      this.#alarmDays.of += 1;
      if (isSameAlarm(change, snapshot)) this.#alarmDays.same += 1;
      const part = { from: Math.max(day.from, number * DAY_MS), to: Math.min(day.to, (number + 1) * DAY_MS) };
      for await (const rows of history.rareEvents(part, greatestAlarm(change, snapshot), signal)) {
        const alarming = decideTwice(change, rows, snapshot).flatMap((decided) => this.#decided(decided) ?? []);
        await this.#grants.load(alarming.map(({ row }) => ownIdentity(row)));
        for (const { row, on } of alarming) {
          placed.push({ finding: known.get(behaviourUid(row)) ?? findingOfRow(row, organisation, this.#grants), on });
        }
      }
    }
    return placed;
  }

  #decided({ row, current, changed, reason }: DecidedTwice): { readonly row: AssessedEvent; readonly on: Only } | undefined {
    if (!current && !changed) return undefined;
    if (current !== changed) this.#reasons.set(behaviourUid(row), reason);
    return { row, on: current && changed ? 'both' : current ? 'current' : 'changed' };
  }

  #compareWithStored(stored: readonly Finding[], repeated: readonly Placed[]): void {
    const uids = new Set(stored.map(({ uid }) => uid));
    const found = repeated.filter(({ finding }) => uids.has(finding.uid)).length;
    this.#fidelity.stored += stored.length;
    this.#fidelity.repeated += found;
    this.#fidelity.missing += stored.length - found;
    this.#fidelity.additional += repeated.length - found;
  }

  async #step(progress: BacktestProgress): Promise<void> {
    this.#options.signal.throwIfAborted();
    this.#options.onProgress?.(progress);
    await this.#options.breathe?.();
  }
}
