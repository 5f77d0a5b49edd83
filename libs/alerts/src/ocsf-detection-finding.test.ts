import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MONDAY_9, aFinding } from '@keyward/testkit';
import { describe, expect, it } from 'vitest';
import { initialAlertLedger } from './alert-ledger.js';
import { deliveryId, toCloudEvent } from './cloud-event.js';
import { foldFindings } from './fold-findings.js';
import { toDetectionFinding } from './ocsf-detection-finding.js';

const anna = { displayName: 'Anna Berg', criticality: 2, privileged: true, kind: 'human' } as const;
const findings = [
  aFinding({ grantUids: ['grant-1'], attack: ['T1078.004'], observed: { ip: '203.0.113.9', distanceKm: 2740 } }),
  aFinding({
    uid: 'finding-2',
    detection: 'behaviour',
    kind: 'behaviour',
    title: 'Unusual sign-in',
    attack: [],
    severity: 'medium',
    p: 1e-4,
    observed: { country: 'PT', usualCountry: ['NO', 'SE'], hour: 3 },
  }),
];
const { alerts } = foldFindings(initialAlertLedger(), findings, anna);
const [created, updated] = [alerts[0]!, alerts.at(-1)!];
const exported = toDetectionFinding(updated, { productVersion: '0.1.0', link: 'https://keyward.example.com/alerts/1' });

describe('OCSF Detection Finding', () => {
  it('carries class, severity, status, score, times and the analyst words', () => {
    expect(exported).toMatchObject({
      class_uid: 2004,
      category_uid: 2,
      type_uid: 200402,
      activity_id: 2,
      severity_id: 4,
      status_id: 1,
      time: MONDAY_9,
      metadata: { version: '1.8.0', product: { name: 'Keyward', version: '0.1.0' } },
      finding_info: {
        uid: updated.uid,
        src_url: 'https://keyward.example.com/alerts/1',
        attacks: [{ technique: { uid: 'T1078' }, sub_technique: { uid: 'T1078.004' } }],
        data_sources: ['okta'],
      },
    });
    expect(exported['risk_score']).toBe(Math.round(updated.score));
  });

  it('says what was observed against what is usual', () => {
    expect(exported['anomaly_analyses']).toEqual([
      {
        analysis_targets: [{ name: 'Anna Berg', type: 'User' }],
        anomalies: [
          {
            observation_parameter: 'country',
            observation_type: 'Frequency Analysis',
            observed_pattern: 'RARE',
            observations: [{ value: 'PT' }],
          },
          {
            observation_parameter: 'hour',
            observation_type: 'Frequency Analysis',
            observed_pattern: 'RARE',
            observations: [{ value: '3' }],
          },
        ],
        baselines: [
          {
            observation_parameter: 'country',
            observation_type: 'Frequency Analysis',
            observed_pattern: 'FREQUENT',
            observations: [{ value: 'NO' }, { value: 'SE' }],
          },
        ],
      },
    ]);
  });

  it('names the addresses and the user as observables', () => {
    expect(exported['observables']).toEqual([
      { name: 'evidences[].actor.user.name', type_id: 4, type: 'User Name', value: 'Anna Berg' },
      { name: 'evidences[].actor.user.uid', type_id: 31, type: 'User ID', value: 'p-anna' },
      { name: 'evidences[].src_endpoint.ip', type_id: 2, type: 'IP Address', value: '203.0.113.9' },
    ]);
  });

  it.each([
    ['in_progress', 2],
    ['false_positive', 3],
    ['resolved', 4],
    ['expected', 4],
  ] as const)('gives an alert that is %s status %i', (status, id) => {
    expect(toDetectionFinding(updated, { productVersion: '0.1.0', status })['status_id']).toBe(id);
  });

  it('works for an alert that keeps no evidence', () => {
    const { evidence: _evidence, ...bare } = updated;
    expect(toDetectionFinding(bare, { productVersion: '0.1.0' })).toMatchObject({ evidences: [], class_uid: 2004 });
  });
});

describe('CloudEvents envelope', () => {
  it('has a stable id without dots, the type of the change, and event time', () => {
    const envelope = toCloudEvent(created, { id: deliveryId(created), productVersion: '0.1.0' });
    expect(envelope).toMatchObject({
      specversion: '1.0',
      type: 'dev.keyward.alert.created',
      time: '2026-01-05T09:00:00.000Z',
      source: 'urn:keyward',
    });
    expect(envelope.id).toMatch(/^alert-[0-9a-f]{32}-1$/);
    expect(JSON.stringify(toCloudEvent(created, { id: deliveryId(created), productVersion: '0.1.0' }))).toBe(JSON.stringify(envelope));
    expect(toCloudEvent(updated, { id: 'x', productVersion: '0.1.0' }).type).toBe('dev.keyward.alert.updated');
  });
});

const SCHEMA = fileURLToPath(new URL('../../../../shared/samples/ocsf/schema/', import.meta.url));
interface SchemaObject {
  readonly attributes: Readonly<Record<string, { readonly requirement?: string }>>;
}
const read = (path: string): SchemaObject => JSON.parse(readFileSync(`${SCHEMA}${path}`, 'utf8')) as SchemaObject;

describe.skipIf(!existsSync(SCHEMA))('OCSF schema (skipped where ../shared/samples/ocsf/schema is absent)', () => {
  const check = (value: unknown, schema: SchemaObject, more: readonly string[] = []): void => {
    const object = value as Readonly<Record<string, unknown>>;
    for (const [name, { requirement }] of Object.entries(schema.attributes)) {
      if (requirement === 'required') expect(object, `${name} is required`).toHaveProperty([name]);
    }
    const known = new Set([...Object.keys(schema.attributes), ...more]);
    expect(Object.keys(object).filter((name) => !known.has(name))).toEqual([]);
  };

  it('knows every attribute of the finding, and finds all that it requires', () => {
    const base = read('base_event.json');
    const finding = read('detection_finding.json');
    check(exported, { attributes: { ...base.attributes, ...finding.attributes } }, ['finding_info']);
  });

  it.each([
    ['metadata', exported['metadata'], 'objects/metadata.json'],
    ['finding_info', exported['finding_info'], 'objects/finding_info.json'],
    ['evidences', (exported['evidences'] as unknown[])[0], 'objects/evidences.json'],
    ['anomaly_analyses', (exported['anomaly_analyses'] as unknown[])[0], 'objects/anomaly_analysis.json'],
    ['anomaly', (exported['anomaly_analyses'] as { anomalies: unknown[] }[])[0]?.anomalies[0], 'objects/anomaly.json'],
    ['baseline', (exported['anomaly_analyses'] as { baselines: unknown[] }[])[0]?.baselines[0], 'objects/baseline.json'],
    ['observable', (exported['observables'] as unknown[])[0], 'objects/observable.json'],
    ['attack', (exported['finding_info'] as { attacks: unknown[] }).attacks[0], 'objects/attack.json'],
    ['analytic', (exported['finding_info'] as { analytic: unknown }).analytic, 'objects/analytic.json'],
  ])('knows every attribute of %s', (_name, value, path) => {
    check(value, read(path), ['uid', 'name']);
  });
});
