import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Metrics } from '@keyward/runtime';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const FOLDER = join(ROOT, 'dashboards/grafana');

const Dashboard = z.object({
  uid: z.string().min(1),
  title: z.string().min(1),
  panels: z.array(
    z.object({
      id: z.number(),
      type: z.string(),
      title: z.string().min(1),
      targets: z.array(z.object({ expr: z.string(), datasource: z.object({ uid: z.literal('prometheus') }) })).optional(),
    }),
  ),
});
const dashboards = readdirSync(FOLDER)
  .filter((file) => file.endsWith('.json'))
  .map((file) => ({ file, dashboard: Dashboard.parse(JSON.parse(readFileSync(join(FOLDER, file), 'utf8'))) }));

/** Metric -> its labels, as the code makes them. */
function metricsInCode(): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const top of ['libs', 'apps']) {
    for (const file of readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts') || /(^|\/)(dist|node_modules)\//.test(file)) continue;
      const text = readFileSync(join(ROOT, top, file), 'utf8');
      for (const [, name, labels] of text.matchAll(
        /\.(?:counter|gauge|histogram)\(\s*'(keyward_\w+)',\s*(?:'[^']*'|"[^"]*"|`[^`]*`)\s*(?:,\s*\[([^\]]*)\])?/g,
      )) {
        if (name !== undefined)
          found.set(
            name,
            [...(labels ?? '').matchAll(/'(\w+)'/g)].map((match) => match[1] ?? ''),
          );
      }
    }
  }
  return found;
}

async function processMetrics(): Promise<readonly string[]> {
  const metrics = new Metrics();
  metrics.collectProcess();
  return (await metrics.registry.getMetricsAsJSON()).map(({ name }) => name);
}

/** A histogram is asked for by its parts. */
const baseOf = (name: string): string => name.replace(/_(sum|count|bucket)$/, '');
const usedIn = (expression: string): string[] => [...expression.matchAll(/\b(?:keyward|process|nodejs)_\w+/g)].map(([name]) => name);
const expressions = dashboards.flatMap(({ file, dashboard }) =>
  dashboard.panels.flatMap((panel) => (panel.targets ?? []).map(({ expr }) => ({ file, panel: panel.title, expr }))),
);

describe('Grafana dashboards', () => {
  it('are there, with a uid and panel ids of their own', () => {
    expect(dashboards.length).toBeGreaterThan(0);
    expect(new Set(dashboards.map(({ dashboard }) => dashboard.uid)).size).toBe(dashboards.length);
    for (const { dashboard } of dashboards) expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  it('ask only for metrics that the code makes', async () => {
    const known = new Set([...metricsInCode().keys(), ...(await processMetrics())]);
    const unknown = expressions.flatMap(({ file, panel, expr }) =>
      usedIn(expr)
        .filter((name) => !known.has(name) && !known.has(baseOf(name)))
        .map((name) => `${file}, ${panel}: ${name}`),
    );
    expect(expressions.length).toBeGreaterThan(20);
    expect(unknown).toEqual([]);
  });

  it('group and filter only by labels that the metric has', () => {
    const known = metricsInCode();
    const wrong = expressions.flatMap(({ file, panel, expr }) => {
      const labels = new Set(usedIn(expr).flatMap((name) => known.get(name) ?? known.get(baseOf(name)) ?? []));
      const grouped = [...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => (list ?? '').split(',').map((label) => label.trim()));
      const filtered = [...expr.matchAll(/\{([^}]*)\}/g)].flatMap(([, list]) =>
        [...(list ?? '').matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map((m) => m[1] ?? ''),
      );
      const fromPrometheus = ['job', 'instance', 'le'];
      return [...grouped, ...filtered]
        .filter((label) => !labels.has(label) && !fromPrometheus.includes(label))
        .map((label) => `${file}, ${panel}: ${label}`);
    });
    expect(wrong).toEqual([]);
  });
});
