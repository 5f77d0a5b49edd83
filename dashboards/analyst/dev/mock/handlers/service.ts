import { findingsOf } from '../alerts.js';
import { numberOf } from '../lists.js';
import { overviewOf, pulseOf } from '../overview.js';
import { sourceOf, sourcesOf } from '../sources.js';
import { iso, type Handlers } from './handler.js';

export const SERVICE: Handlers = {
  'overview.show': ({ organisation, query }) => overviewOf(organisation, numberOf(query['hours'], 168)),
  'pulse.show': ({ organisation }) => pulseOf(organisation),
  'policy.show': () => ({
    source: 'response-policy.yaml',
    policy: {
      mode: 'approve',
      maxRevocationsPerHour: 5,
      protectedIdentities: ['break-glass-1'],
      rules: [
        { id: 'critical-on-privileged-role', minSeverity: 'critical', entitlements: ['entra:role:*'], mode: 'approve', approvals: 2 },
      ],
    },
  }),
  'sod.show': ({ organisation }) => ({
    functions: [
      { id: 'create_vendor', entitlements: ['erp:role:vendor-maint'], activities: 1 },
      { id: 'release_payment', entitlements: ['erp:role:pay-release'], activities: 1 },
    ],
    rules:
      organisation.alerts.length === 0
        ? []
        : [
            {
              id: 'FIN-01',
              name: 'Create vendors and release payments',
              severity: 'high',
              functions: ['create_vendor', 'release_payment'],
              when: 'overlapping',
              sameObject: false,
              windowHours: 24,
              mitigations: 1,
              conflicts: { count: 2, link: { to: 'alerts', query: { detection: 'sod_conflict' } } },
            },
          ],
    conflicts: organisation.alerts
      .filter((alert) => alert.detections.includes('sod_conflict'))
      .slice(0, 2)
      .flatMap((alert) => findingsOf(alert, organisation.events).slice(0, 1))
      .map((finding) => ({ ...finding, observed: { ...finding.observed, rule: 'FIN-01' } })),
  }),
  'sources.list': ({ organisation, query }) => sourcesOf(organisation, numberOf(query['hours'], 24)),
  'sources.show': ({ organisation, params, query }) => sourceOf(organisation, params['source'] ?? '', numberOf(query['hours'], 24)),
  'organisation.show': ({ organisation }) => ({
    version: 'org-4f1c22',
    files: (['identities', 'assets', 'groups', 'roles', 'tickets', 'sod'] as const).map((file, i) => ({
      file,
      records: organisation.people.length * (6 - i),
      importedAt: organisation.people.length === 0 ? null : iso(organisation.now - 7_200_000),
    })),
  }),
};
