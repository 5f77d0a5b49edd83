import { defineConfig } from 'vitest/config';

// `keyward-source` makes `@keyward/*` resolve to TypeScript sources: tests never run against a stale build.
const conditions = ['keyward-source', 'module', 'node', 'development|production'];
const resolve = { conditions };
const ssr = { resolve: { conditions } };

const project = (name: string, include: string[], more: object = {}) => ({
  resolve,
  ssr,
  test: { name, include, environment: 'node' as const, setupFiles: [new URL('test/setup.ts', import.meta.url).pathname], ...more },
});

/** Real servers: one file at a time, since they share a machine of two cores. */
const real = { fileParallelism: false, testTimeout: 120_000, hookTimeout: 180_000 };

export default defineConfig({
  resolve,
  test: {
    projects: [
      project(
        'unit',
        [
          'libs/**/src/**/*.test.ts',
          'libs/sources/test/**/*.test.ts',
          'apps/**/src/**/*.test.ts',
          'dashboards/**/src/**/*.test.ts',
          'fixtures/src/**/*.test.ts',
          'test/architecture/**/*.test.ts',
        ],
        { testTimeout: 30_000 },
      ),
      project('store', ['libs/adapters/**/test/**/*.test.ts'], real),
      project('integration', ['test/integration/**/*.test.ts', 'test/cli/**/*.test.ts'], real),
      project('scenario', ['test/scenarios/**/*.test.ts'], real),
      project('e2e', ['test/e2e/**/*.test.ts'], real),
    ],
  },
});
