#!/usr/bin/env node
// npm run bench: measures this machine. `npm run bench -- --help` lists the options.
import { build, checkNode, install, root } from './prepare.mjs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

checkNode();
install();
build();
const { bench } = await import(pathToFileURL(join(root, 'test/bench/bench.mjs')).href);
process.exitCode = await bench(process.argv.slice(2));
