import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CONNECTORS } from '@keyward/adapter-connectors';
import { SINKS } from '@keyward/adapter-sinks';
import { DETECTIONS } from '@keyward/detections';
import { GUARD_RAILS, GuardRails, parsePolicy, type Policy } from '@keyward/response';
import { describe, expect, it } from 'vitest';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const TEXT = readFileSync(join(ROOT, 'docs/examples/policy.yaml'), 'utf8');
const PAGE = readFileSync(join(ROOT, 'docs/policy.md'), 'utf8');

function examplePolicy(): Policy {
  const parsed = parsePolicy(TEXT);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.policy;
}

describe('docs/examples/policy.yaml', () => {
  it('is a policy', () => {
    expect(parsePolicy(TEXT)).toMatchObject({ ok: true });
  });
  it('shows every mode, every connector and every sink there is', () => {
    const { rules, connectors, sinks } = examplePolicy();
    expect(new Set(rules.map(({ mode }) => mode))).toEqual(new Set(['enforce', 'approve', 'observe']));
    expect(new Set(connectors.map(({ product }) => product))).toEqual(new Set(CONNECTORS.map(({ product }) => product)));
    expect(new Set(sinks.map(({ product }) => product))).toEqual(new Set(SINKS.map(({ product }) => product)));
  });
  it('gives each product settings that it takes', () => {
    const { connectors, sinks } = examplePolicy();
    for (const { id, product, settings } of [...connectors, ...sinks]) {
      const schemas = [...(connectors.some((one) => one.id === id) ? CONNECTORS : SINKS)];
      const parsed = schemas.find((known) => known.product === product)?.settings.safeParse(settings);
      expect(parsed?.success, id).toBe(true);
    }
  });
  it('names detections that exist', () => {
    const ids = DETECTIONS.map(({ id }) => id);
    const named = examplePolicy().rules.flatMap(({ when }) => when.detections ?? []);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
  });
  it('writes each guard rail that the schema has', () => {
    const written = examplePolicy().guardRails;
    expect(Object.keys(GuardRails.shape).filter((rail) => !(rail in written))).toEqual([]);
  });
});

describe('docs/policy.md', () => {
  it('explains every guard rail and every setting of them', () => {
    for (const name of [...GUARD_RAILS, ...Object.keys(GuardRails.shape)]) expect(PAGE).toContain(`\`${name}\``);
  });
  it('names every connector and sink', () => {
    for (const { product } of [...CONNECTORS, ...SINKS]) expect(PAGE).toContain(`\`${product}\``);
  });
});
