import type { AlertQueries, AlertTriage, VerdictQueries } from '@keyward/adapter-clickhouse';
import { aboutOf, exampleOf, strangest, verdictUid, type Verdict, type VerdictEntry } from '@keyward/baselines';
import type {
  AlertStatus,
  AlertSummary,
  NewVerdict,
  VerdictKind,
  VerdictPage,
  VerdictPreview,
  VerdictQuery,
  VerdictView,
  VerdictWish,
} from '@keyward/contract';
import { DAY_MS, dayOf, deterministicUid, ledgerId } from '@keyward/events';
import { route, type Organisation } from '@keyward/identity';
import { ConflictError, NotFoundError, VERDICTS_TOPIC, type Clock, type Publisher } from '@keyward/runtime';
import type { AssessedEvent, OrganisationSource } from '@keyward/stages';
import { VerdictPreviews, type Previewed } from './verdict-preview.js';

export interface VerdictsDeps {
  readonly queries: VerdictQueries;
  readonly alerts: AlertQueries;
  readonly triage: AlertTriage;
  readonly organisation: OrganisationSource;
  readonly publisher: Publisher;
  readonly clock: Clock;
  /** Alert budget that the workers run with: by it a preview tells what would still be an alert. */
  readonly alertsPerThousand: number;
}

/** Statuses that say the same as a verdict. What an alert says and what scoring learns from it is one truth. */
const SAYS: Readonly<Record<VerdictKind, readonly AlertStatus[]>> = {
  benign: ['expected', 'false_positive'],
  malicious: ['in_progress', 'resolved'],
};
const MAX_ABOUT = 8;

/** What people say of alerts: checked, written down, handed to the line as entries of the ledgers concerned. */
export class Verdicts {
  readonly #deps: VerdictsDeps;
  readonly #previews: VerdictPreviews;
  constructor(deps: VerdictsDeps) {
    this.#deps = deps;
    this.#previews = new VerdictPreviews(deps.queries, deps.alertsPerThousand);
  }

  list(query: VerdictQuery): Promise<VerdictPage> {
    return this.#deps.queries.list(query);
  }

  /** @throws NotFoundError, ConflictError when the alert stands on no scored event */
  async preview(alertUid: string, wish: VerdictWish, author: string): Promise<VerdictPreview> {
    const previewed = await this.#prepare(alertUid, { ...wish, reason: '' }, author);
    return this.#previews.of(previewed, this.#organisation);
  }

  /**
   * Written down before it is handed over: nothing is learned that nobody can read about. The alert gets the status that says the same.
   *
   * @param audit writes the act into the audit log, between the two
   * @throws NotFoundError; ConflictError when a verdict on the alert is in force, or it stands on no scored event; UnavailableError
   */
  async give(alertUid: string, wanted: NewVerdict, author: string, audit: (uid: string) => Promise<void>): Promise<VerdictView> {
    const { queries, triage } = this.#deps;
    const [standing] = await queries.inForceOn([alertUid]);
    if (standing) throw new ConflictError('conflict', `${standing.author} has called the alert ${standing.kind}: take that back first.`);
    const { verdict, identity, about, entries } = await this.#prepare(alertUid, wanted, author);
    await queries.append({ verdict, identity, about, entries });
    await audit(verdict.uid);
    await this.#publish(entries);
    const [summary] = await this.#deps.alerts.summaries([alertUid]);
    const status = summary && statusFor(wanted.kind, summary);
    if (status) await triage.change([alertUid], { status, note: `Verdict: ${wanted.kind}. ${wanted.reason}` }, author);
    return this.#shown(verdict.uid);
  }

  /**
   * A further entry, behind the one that it takes back. The alert is open again where the verdict had closed it.
   * @throws NotFoundError; ConflictError when it is no longer in force; UnavailableError
   */
  async undo(uid: string, reason: string, author: string, audit: (alertUid: string) => Promise<void>): Promise<VerdictView> {
    const { queries, triage, alerts, clock } = this.#deps;
    const view = await queries.find(uid);
    if (!view) throw new NotFoundError('not_found', 'There is no such verdict.');
    if (view.state === 'undone')
      throw new ConflictError('conflict', `${view.undone?.by ?? 'Somebody'} has taken the verdict back already.`);
    const given = await queries.entriesOf(uid);
    const original = given[0]?.verdict;
    if (!original) throw new NotFoundError('not_found', 'There is no such verdict.');
    const verdict: Verdict = {
      ...original,
      uid: deterministicUid('verdict_undo', uid),
      at: Math.max(clock.now(), original.at + 1),
      author,
      reason,
      undoes: uid,
    };
    const entries = given.map((entry): VerdictEntry => ({ ...entry, verdict }));
    await queries.append({ verdict, identity: view.identity.id, about: view.about, entries });
    await audit(view.alertUid);
    await this.#publish(entries);
    const [summary] = await alerts.summaries([view.alertUid]);
    if (summary && SAYS.benign.includes(summary.status) && view.kind === 'benign')
      await triage.change([view.alertUid], { status: 'in_progress', note: `Verdict taken back: ${reason}` }, author);
    return this.#shown(uid);
  }

  /**
   * An alert that somebody has given a verdict on can't be given a status that says the opposite.
   * @throws ConflictError
   */
  async checkStatus(alertUids: readonly string[], status: AlertStatus): Promise<void> {
    const opposite = (await this.#deps.queries.inForceOn(alertUids)).filter(({ kind }) => !SAYS[kind].includes(status));
    const [first] = opposite;
    if (!first) return;
    const which = alertUids.length === 1 ? 'the alert' : `${opposite.length} of ${alertUids.length} alerts`;
    throw new ConflictError(
      'conflict',
      `${first.author} has called ${which} ${first.kind}, and scoring goes by it: take the verdict back, and the alert is open again.`,
    );
  }

  get #organisation(): Organisation {
    return this.#deps.organisation.current().organisation;
  }

  async #prepare(alertUid: string, { kind, scope, days, reason }: NewVerdict, author: string): Promise<Previewed> {
    const { alerts, queries, clock } = this.#deps;
    const [summary] = await alerts.summaries([alertUid]);
    const stored = await alerts.eventUids(alertUid);
    if (!summary || !stored) throw new NotFoundError('not_found', 'There is no such alert.');
    const events = await queries.events(stored, dayOf(Date.parse(summary.firstTime)) - 1, dayOf(Date.parse(summary.lastTime)) + 1);
    const scored = events.filter(({ assessment, event }) => assessment.terms.length > 0 && event.actor?.identity !== undefined);
    if (scored.length === 0)
      throw new ConflictError('conflict', 'The alert stands on no event of which behaviour was scored: there is nothing to learn from it.');
    // Behind the events that it is about, also where a vendor's clock is ahead of ours.
    const at = Math.max(clock.now(), ...scored.map(({ event }) => event.time + 1));
    const verdict: Verdict = {
      ...{ uid: verdictUid(alertUid, kind, author, at), kind, scope, at, expiresAt: at + days * DAY_MS, author, reason, alertUid },
    };
    return {
      alertUid,
      identity: summary.identity.id,
      detections: summary.detections,
      verdict,
      entries: entriesFor(verdict, scored, this.#organisation),
      events: scored,
      about: aboutAll(scored),
    };
  }

  async #publish(entries: readonly VerdictEntry[]): Promise<void> {
    // Keyed by ledger: an undo follows what it takes back.
    await this.#deps.publisher.publish(
      entries.map((entry) => ({ topic: VERDICTS_TOPIC, key: ledgerId(entry), value: JSON.stringify(entry) })),
    );
  }

  async #shown(uid: string): Promise<VerdictView> {
    const view = await this.#deps.queries.find(uid);
    if (!view) throw new NotFoundError('not_found', 'There is no such verdict.');
    return view;
  }
}

/** The status that says the same, unless the alert has one; undefined when it needs none. */
function statusFor(kind: VerdictKind, { status }: AlertSummary): AlertStatus | undefined {
  if (SAYS[kind].includes(status)) return undefined;
  return kind === 'benign' ? 'expected' : 'in_progress';
}

/** One for each ledger whose profile learned from the events: an account that is nobody's own has its own. */
function entriesFor(verdict: Verdict, events: readonly AssessedEvent[], organisation: Organisation): VerdictEntry[] {
  const byLedger = new Map<string, { readonly ledger: VerdictEntry['ledger']; readonly key: string; readonly events: AssessedEvent[] }>();
  for (const scored of events) {
    const primary = route(scored.event, organisation).find((entry) => entry.primary);
    if (!primary) continue;
    const known = byLedger.get(ledgerId(primary));
    if (known) known.events.push(scored);
    else byLedger.set(ledgerId(primary), { ledger: primary.ledger, key: primary.key, events: [scored] });
  }
  return [...byLedger.values()].map(({ ledger, key, events: own }) => ({
    ledger,
    key,
    part: 'verdict',
    identity: own[0]?.event.actor?.identity ?? key,
    verdict,
    examples: strangest(own.map(({ event, assessment }) => exampleOf(event, assessment))),
  }));
}

/** Sentences of the strangest events first, each once. */
const aboutAll = (events: readonly AssessedEvent[]): string[] => {
  const strangestFirst = events.toSorted((a, b) => a.assessment.p - b.assessment.p);
  return [...new Set(strangestFirst.flatMap(({ event, assessment }) => aboutOf(event, assessment)))].slice(0, MAX_ABOUT);
};
