#!/usr/bin/env node
// The command line. `npm run build` (or `npm start`, or `npm test`) makes what it runs.
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const built = new URL('../apps/cli/dist/main.js', import.meta.url);
if (!existsSync(fileURLToPath(built))) {
  console.error('keyward: not built yet. Run "npm install && npm run build" once, or "npm start", which does it all.');
  process.exit(3);
}
const { main } = await import(built.href);
process.exitCode = await main(process.argv);
