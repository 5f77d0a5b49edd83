import { foldFindings, identityContextOf, initialAlertLedger, type Alert, type FoldedFindings } from '@keyward/alerts';
import type { Finding } from '@keyward/detections';
import type { Organisation } from '@keyward/identity';
import { riskFrom } from './tallies.js';

/** The fold of ALERT, in memory: the newest version of each alert, and what makes up each identity's risk. */
export class OfflineAlerts {
  readonly #organisation: Organisation;
  readonly #folded = new Map<string, FoldedFindings>();
  readonly #alerts = new Map<string, Alert>();

  constructor(organisation: Organisation) {
    this.#organisation = organisation;
  }

  /** @param findings in order of time, over all calls */
  add(findings: readonly Finding[]): void {
    for (const [identity, found] of byIdentity(findings)) {
      const state = this.#folded.get(identity)?.state ?? initialAlertLedger();
      const folded = foldFindings(state, found, identityContextOf(this.#organisation, identity));
      this.#folded.set(identity, folded);
      for (const alert of folded.alerts) this.#alerts.set(alert.uid, alert);
    }
  }
  /** The identity's decaying risk, from the findings so far. */
  riskAt(identity: string, at: number): number {
    const folded = this.#folded.get(identity);
    return folded ? riskFrom(folded.risk.contributions, at, identityContextOf(this.#organisation, identity)) : 0;
  }
  inOrder(): readonly Alert[] {
    return [...this.#alerts.values()].sort((a, b) => a.firstTime - b.firstTime || (a.uid < b.uid ? -1 : 1));
  }
}

function byIdentity(findings: readonly Finding[]): ReadonlyMap<string, readonly Finding[]> {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const group = groups.get(finding.identity);
    if (group) group.push(finding);
    else groups.set(finding.identity, [finding]);
  }
  return groups;
}
