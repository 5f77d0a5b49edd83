#!/usr/bin/env node
// npm start: from a bare clone to a running Keyward. The last step runs in this process: whoever stops it, however, stops everything.
import { build, checkNode, install, root, say } from './prepare.mjs';

checkNode();
say('Keyward is getting ready:');
install();
build();

process.chdir(root);
process.argv.splice(2, 0, 'start');
await import('./keyward.mjs');
