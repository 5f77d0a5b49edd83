#!/usr/bin/env node
// npm start: from a bare clone to a running Keyward.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, checkNode, install, root, say } from './prepare.mjs';

checkNode();
say('Keyward is getting ready:');
install();
build();

// Ctrl-C reaches the child by itself; we wait until it has stopped everything in order.
process.on('SIGINT', () => undefined);
const child = spawn(process.execPath, [join(root, 'bin/keyward.mjs'), 'start', ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
process.on('SIGTERM', () => child.kill('SIGTERM'));
child.on('exit', (code) => process.exit(code ?? 0));
