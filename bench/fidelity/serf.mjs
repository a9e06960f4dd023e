#!/usr/bin/env node
// Builds what is older than its sources and compares simulated Serf agents with real ones: npm run fidelity:serf -- --help
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

process.exitCode =
  node('node_modules/typescript/bin/tsc', '-b', 'bench') || node('dist/bench/fidelity/index.js', ...process.argv.slice(2));
