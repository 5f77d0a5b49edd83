#!/usr/bin/env node
// npm run conformance, npm run fuzz: what the sources make of vendors' records. Runs from TypeScript sources, without a build.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { checkNode, install, root } from './prepare.mjs';

checkNode();
if (!existsSync(join(root, 'node_modules/vite'))) install();
const { runnerImport } = await import('vite');
const [mode, ...options] = process.argv.slice(2);
const conditions = ['keyward-source', 'module', 'node'];
const { module } = await runnerImport(join(root, `test/conformance/${mode === 'fuzz' ? 'fuzz' : 'conformance'}.ts`), {
  root,
  configFile: false,
  logLevel: 'error',
  resolve: { conditions },
  ssr: { resolve: { conditions } },
});
process.exitCode = mode === 'fuzz' ? module.fuzz(options) : module.conformance(options);
