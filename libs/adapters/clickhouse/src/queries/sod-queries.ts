import type { SodOverview } from '@keyward/contract';
import { DAY_MS } from '@keyward/events';
import type { Clock } from '@keyward/runtime';
import type { ClickHouse } from '../client.js';
import type { Directory } from './directory.js';
import { findingView, sodFindings } from './finding-rows.js';

/** A conflict that was found within this time counts as current: its risk has halved three times. */
const CURRENT_DAYS = 90;

/** Segregation of duties: the policy, and who broke it. @throws UnavailableError */
export class SodQueries {
  readonly #clickhouse: ClickHouse;
  readonly #directory: Directory;
  readonly #clock: Clock;

  constructor(clickhouse: ClickHouse, directory: Directory, clock: Clock) {
    this.#clickhouse = clickhouse;
    this.#directory = directory;
    this.#clock = clock;
  }

  async show(): Promise<SodOverview> {
    const policy = this.#directory.sod;
    const findings = await sodFindings(this.#clickhouse, this.#clock.now() - CURRENT_DAYS * DAY_MS);
    return {
      functions: Object.entries(policy.functions).map(([id, duty]) => ({
        id,
        entitlements: duty.entitlements,
        activities: duty.activities.length,
      })),
      rules: policy.rules.map((rule) => {
        const broken = findings.filter(
          (finding) => Object.values(finding.observed).includes(rule.id) || finding.dedupeKey.includes(rule.id),
        );
        return {
          id: rule.id,
          name: rule.name ?? null,
          severity: rule.severity,
          functions: rule.functions,
          when: rule.when,
          sameObject: rule.sameObject,
          windowHours: rule.windowHours,
          mitigations: policy.mitigations.filter((mitigation) => mitigation.rule === rule.id).length,
          conflicts: {
            count: new Set(broken.map((finding) => finding.identity)).size,
            link: {
              to: 'alerts' as const,
              query: {
                detection: [...new Set(broken.map((finding) => finding.detection))].join(',') || 'sod_conflict',
                text: rule.name ?? rule.id,
              },
            },
          },
        };
      }),
      conflicts: findings.map((finding) => findingView(finding, this.#directory, [])),
    };
  }
}
