import type { AlertOfFindings, VerdictQueries } from '@keyward/adapter-clickhouse';
import {
  createBehaviourModel,
  marksOfVerdict,
  previewUnder,
  saysTheSame,
  type Mark,
  type Preview,
  type Snapshot,
  type Verdict,
  type VerdictEntry,
} from '@keyward/baselines';
import type { VerdictEffect, VerdictPreview } from '@keyward/contract';
import { DAY_MS, dayOf, isoInstant } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import type { AssessedEvent } from '@keyward/stages';

/** What a verdict is previewed for, read from the store. */
export interface Previewed {
  readonly alertUid: string;
  readonly identity: string;
  readonly detections: readonly string[];
  readonly verdict: Verdict;
  readonly entries: readonly VerdictEntry[];
  readonly events: readonly AssessedEvent[];
  readonly about: readonly string[];
}

const LOOK_BACK_DAYS = 30;
const MAX_SIMILAR = 50;
/** With this one: scoring.md section 5. */
const PEERS_THAT_RAISE = 3;
const BEHAVIOUR = 'unusual_behaviour';

/** Works out what a verdict would change. Reads only. */
export class VerdictPreviews {
  readonly #queries: VerdictQueries;
  readonly #alertsPerThousand: number;
  readonly #model = createBehaviourModel();
  #snapshot: { readonly id: string; readonly snapshot: Snapshot } | undefined;

  /** @param alertsPerThousand alert budget that the workers run with */
  constructor(queries: VerdictQueries, alertsPerThousand: number) {
    this.#queries = queries;
    this.#alertsPerThousand = alertsPerThousand;
  }

  /** @throws UnavailableError */
  async of(previewed: Previewed, organisation: Organisation): Promise<VerdictPreview> {
    const { verdict, entries, events, identity, detections, about } = previewed;
    const snapshot = await this.#newest();
    const marks = marksOfVerdict(entries.flatMap(({ examples }) => examples));
    const under = (event: AssessedEvent): Preview =>
      previewUnder(verdict, marks, event.event, event.assessment, snapshot, this.#alertsPerThousand);
    const own = worst(events.map(under));
    const rules = detections.filter((detection) => detection !== BEHAVIOUR);
    const [group] = organisation.peerGroups(identity);
    const peers = group === undefined ? [] : membersOf(organisation, group).filter((member) => member !== identity);
    const agreeing = verdict.kind === 'benign' ? await this.#agreeing(peers, entries) : 0;
    const whose = verdict.kind === 'malicious' ? [] : verdict.scope === 'peers' ? [identity, ...peers] : [identity];
    return {
      kind: verdict.kind,
      at: isoInstant(verdict.at),
      expiresAt: isoInstant(verdict.expiresAt),
      events: entries.reduce((sum, { examples }) => sum + examples.length, 0),
      about: [...about],
      scored: Math.max(0, ...events.map(({ assessment }) => assessment.score)),
      score: own.scoreNow,
      scoreWith: own.score,
      wouldAlert: own.alarms || rules.length > 0,
      rules,
      similar: await this.#similar(previewed, marks, whose, under, organisation),
      peers: {
        group: group ?? null,
        members: peers.length + 1,
        agreeing,
        raises: verdict.kind === 'benign' && agreeing + 1 >= PEERS_THAT_RAISE,
      },
    };
  }

  async #similar(
    { verdict, alertUid }: Previewed,
    marks: readonly Mark[],
    whose: readonly string[],
    under: (event: AssessedEvent) => Preview,
    organisation: Organisation,
  ): Promise<VerdictEffect[]> {
    if (marks.length === 0) return [];
    const since = verdict.at - LOOK_BACK_DAYS * DAY_MS;
    const findings = await this.#queries.behaviourSince(since, whose);
    const events = await this.#queries.events(
      findings.map(({ eventUid }) => eventUid),
      dayOf(since),
      dayOf(verdict.at),
    );
    const previews = new Map(events.map((event) => [event.event.uid, under(event)]));
    const byFinding = new Map(
      findings.flatMap(({ uid, eventUid }) => {
        const preview = previews.get(eventUid);
        return preview ? [[uid, preview] as const] : [];
      }),
    );
    const touched = [...byFinding].filter(([, { terms }]) => terms.length > 0).map(([uid]) => uid);
    const alerts = (await this.#queries.alertsWith(touched)).filter(({ uid }) => uid !== alertUid);
    return alerts.slice(0, MAX_SIMILAR).map((alert) => effectOn(alert, byFinding, organisation));
  }

  async #agreeing(peers: readonly string[], entries: readonly VerdictEntry[]): Promise<number> {
    const examples = entries.flatMap((entry) => entry.examples);
    const others = await this.#queries.benignOn(peers);
    const same = others.filter((other) =>
      saysTheSame(
        examples,
        other.flatMap((entry) => entry.examples),
      ),
    );
    return new Set(same.map(([entry]) => entry?.identity)).size;
  }

  /** A snapshot is some megabytes of text: read again when there is a new one. */
  async #newest(): Promise<Snapshot> {
    const newest = await this.#queries.newestSnapshot();
    if (!newest) return this.#model.emptySnapshot();
    if (this.#snapshot?.id !== newest.id) this.#snapshot = { id: newest.id, snapshot: this.#model.decodeSnapshot(newest.body) };
    return this.#snapshot.snapshot;
  }
}

const worst = (previews: readonly Preview[]): Pick<Preview, 'score' | 'scoreNow' | 'alarms'> => ({
  score: Math.max(0, ...previews.map(({ score }) => score)),
  scoreNow: Math.max(0, ...previews.map(({ scoreNow }) => scoreNow)),
  alarms: previews.some(({ alarms }) => alarms),
});

function effectOn(alert: AlertOfFindings, byFinding: ReadonlyMap<string, Preview>, organisation: Organisation): VerdictEffect {
  const own = worst(alert.findingUids.flatMap((uid) => byFinding.get(uid) ?? []));
  return {
    alertUid: alert.uid,
    title: alert.title,
    identity: { id: alert.identity, displayName: organisation.identity(alert.identity)?.displayName ?? alert.identity },
    lastTime: isoInstant(alert.lastTime),
    score: own.scoreNow,
    scoreWith: own.score,
    wouldAlert: own.alarms || alert.detections.some((detection) => detection !== BEHAVIOUR),
  };
}

const membersOf = (organisation: Organisation, group: string): string[] =>
  organisation.identities.map(({ id }) => id).filter((id) => organisation.peerGroups(id)[0] === group);
