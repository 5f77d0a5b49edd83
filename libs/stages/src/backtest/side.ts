import { foldFindings, identityContextOf, initialAlertLedger, type Alert, type AlertLedger } from '@keyward/alerts';
import type { Finding } from '@keyward/detections';
import { HOUR_MS, type Severity } from '@keyward/events';
import type { Organisation } from '@keyward/identity';
import { appendLinks, guard, openEffect, planRevocations, type Effect, type Policy } from '@keyward/response';
import type { GrantsThen } from './grants-then.js';

/** What is kept of an alert: enough to compare and to show it. */
export interface AlertSketch {
  readonly uid: string;
  readonly identity: string;
  readonly displayName: string;
  readonly title: string;
  readonly severity: Severity;
  readonly score: number;
  readonly entityRisk: number;
  readonly firstTime: number;
  readonly lastTime: number;
  readonly detections: readonly string[];
  readonly findingUids: readonly string[];
  readonly sentence: string;
  /** Times that a receiver hears of it. */
  readonly notifications: number;
}

/** The folds of ALERT and RESPOND under one configuration, in memory and in event time. */
export class Side {
  readonly #organisation: Organisation;
  readonly #policy: Policy;
  readonly #ledgers: Map<string, AlertLedger>;
  readonly #alerts = new Map<string, AlertSketch>();
  readonly #effects = new Map<string, Effect>();
  #recent: Effect[] = [];
  #arrivals: number[] = [];

  constructor(organisation: Organisation, policy: Policy, ledgers: ReadonlyMap<string, AlertLedger> = new Map()) {
    this.#organisation = organisation;
    this.#policy = policy;
    this.#ledgers = new Map(ledgers);
  }

  /** Another configuration that goes on from what this one has grouped so far. */
  fork(policy: Policy): Side {
    return new Side(this.#organisation, policy, this.#ledgers);
  }

  /** Groups findings of before the span: what follows may join their alerts. Nothing of it is counted. */
  prepare(finding: Finding): void {
    this.#fold(finding);
  }

  /** @param finding not earlier than the one before @param activeGrants at about its time; undefined when nobody counted */
  add(finding: Finding, grants: GrantsThen, activeGrants: number | undefined): void {
    for (const alert of this.#fold(finding)) {
      this.#alerts.set(alert.uid, sketchOf(alert, this.#alerts.get(alert.uid)));
      this.#respond(alert, grants, activeGrants);
    }
  }

  get alerts(): ReadonlyMap<string, AlertSketch> {
    return this.#alerts;
  }
  /** First step of each intended revocation. */
  get effects(): ReadonlyMap<string, Effect> {
    return this.#effects;
  }

  #fold(finding: Finding): readonly Alert[] {
    const state = this.#ledgers.get(finding.identity) ?? initialAlertLedger();
    const folded = foldFindings(state, [finding], identityContextOf(this.#organisation, finding.identity));
    this.#ledgers.set(finding.identity, folded.state);
    return folded.alerts;
  }

  /** As RESPOND begins: plan, guard, first step; an intention is begun once. Nothing is carried out, so a revoked grant stays in reach of the next alert. */
  #respond(alert: Alert, grants: GrantsThen, activeGrants: number | undefined): void {
    const now = alert.lastTime;
    this.#arrivals = [...this.#arrivals.filter((at) => at > now - HOUR_MS), now];
    const windowMs = Math.max(HOUR_MS, this.#policy.guardRails.coolDownMinutes * 60_000);
    this.#recent = this.#recent.filter(({ at }) => at > now - windowMs);
    for (const plan of planRevocations(alert, grants.activeOf(alert.identity, now), this.#policy, this.#organisation)) {
      if (this.#effects.has(plan.effectUid)) continue;
      const verdict = guard(plan, {
        policy: this.#policy,
        organisation: this.#organisation,
        now,
        recent: this.#recent,
        recentFindings: this.#arrivals.length,
        activeGrants,
      });
      const [effect] = appendLinks(CHAIN, undefined, [openEffect(plan, verdict, { chain: CHAIN, at: now })]);
      if (!effect) continue;
      this.#effects.set(effect.uid, effect);
      this.#recent.push(effect);
    }
  }
}

const CHAIN = 'backtest';

function sketchOf(alert: Alert, before: AlertSketch | undefined): AlertSketch {
  const { uid, identity, displayName, title, severity, score, entityRisk, firstTime, lastTime, detections, findingUids, explanation } =
    alert;
  return {
    ...{ uid, identity, displayName, title, severity, score, entityRisk, firstTime, lastTime, detections, findingUids },
    sentence: explanation[0] ?? title,
    notifications: (before?.notifications ?? 0) + (alert.notify ? 1 : 0),
  };
}
