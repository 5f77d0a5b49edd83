import { isoDay, isoInstant, type AccessEvent } from '@keyward/events';
import { CalibrationTable, type AlarmedDay, type Label, type ScoredDay } from '@keyward/evaluation';
import type { OrganisationRecords } from '@keyward/identity';
import { BehaviourLine } from './behaviour-line.js';
import { NamedCauses, dayKey } from './named-causes.js';
import { weekOf, type OwnDay, type OwnResult } from './own-result.js';
import { WithoutFeature } from './without-feature.js';

/** The most alarming event of an identity's day. */
interface Peak {
  readonly p: number;
  readonly time: string;
  readonly feature: string;
}

/** What the behaviour model alone says of events that are no vendor's records. Rules ask for what only vendors log, so they have no part. */
export class LineResult {
  readonly #line: BehaviourLine;
  readonly #named: NamedCauses;
  readonly #evaluatedFrom: string;
  readonly #calibration = new CalibrationTable();
  readonly #ablation: WithoutFeature;
  readonly #peaks = new Map<string, Peak>();
  readonly #alarmed = new Map<string, AlarmedDay>();
  #events = 0;

  constructor(organisation: OrganisationRecords, labels: readonly Label[], evaluatedFrom: string) {
    this.#line = new BehaviourLine(organisation, { parameters: {} }, new Map());
    this.#ablation = new WithoutFeature(new Map(), (identity) => this.#line.organisation.peerGroups(identity));
    this.#named = new NamedCauses(labels);
    this.#evaluatedFrom = evaluatedFrom;
  }

  observe(event: AccessEvent, identity: string): void {
    this.#events += 1;
    const { assessment, tallied, isAlarming } = this.#line.observe(event, identity);
    const time = isoInstant(event.time);
    const day = isoDay(event.time);
    const { p, terms } = assessment;
    const [first] = terms;
    if (!first || day < this.#evaluatedFrom) return;
    const key = dayKey({ identity, day });
    this.#ablation.add({ identity, day, ...tallied });
    this.#named.event(event.source, time, identity, first.feature, p);
    if (!this.#named.isAttack(event.source, time, identity)) this.#calibration.add(weekOf(time), p);
    if (isAlarming && !this.#alarmed.has(key)) this.#alarmed.set(key, { identity, day, feature: first.feature });
    if (p < (this.#peaks.get(key)?.p ?? Infinity)) this.#peaks.set(key, { p, time, feature: first.feature });
  }

  end(): OwnResult {
    const days = this.#line.end().map((day: ScoredDay): OwnDay => {
      const peak = this.#peaks.get(dayKey(day));
      return { ...day, time: peak?.time ?? `${day.day}T00:00:00.000Z`, reason: peak?.feature };
    });
    const alarmed = [...this.#alarmed.values()];
    return {
      days,
      ruleDays: [],
      rules: new Map(),
      withoutFeature: this.#ablation.end().without,
      named: this.#named,
      calibration: this.#calibration,
      alerts: alarmed.map(({ identity, day }) => ({ identity, day, isBehaviour: true })),
      alarmed,
      events: this.#events,
    };
  }
}
