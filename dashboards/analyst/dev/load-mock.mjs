import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

/** The mock server is TypeScript, and so is the contract it checks itself with: Vite reads both from source. */
export async function loadMock() {
  const { module } = await runnerImport(fileURLToPath(new URL('./mock/server.ts', import.meta.url)), {
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['keyward-source', 'module', 'node', 'development|production'], noExternal: [/^@keyward\//] },
    ssr: { noExternal: [/^@keyward\//], resolve: { conditions: ['keyward-source', 'module', 'node', 'development|production'] } },
  });
  return module;
}
