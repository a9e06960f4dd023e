#!/usr/bin/env node
// Builds what is older than its sources and puts old bugs back: npm run mutants -- --only R1
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const node = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

process.exitCode =
  node('node_modules/typescript/bin/tsc', '-b', 'bench') || node('dist/bench/mutants/index.js', ...process.argv.slice(2));
