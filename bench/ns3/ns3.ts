import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mode } from '../cluster.ts';
import { spread, table } from '../table.ts';
import { type Agents, type Traffic, writeTraffic } from './agents.ts';

const NODES = 100;
const SECONDS = 300;
const ROUNDS = 3;
/** How many times as fast we are to be. */
const GOAL = 20;

const TOPOLOGIES = {
  bus: 'two CSMA buses',
  switch: 'two switches',
  star: 'point-to-point links to the router',
};

const MODULES = ['core', 'network', 'internet', 'bridge', 'csma', 'point-to-point'];
const SOURCE = fileURLToPath(new URL('../../../bench/ns3/traffic.cc', import.meta.url));

/** Whether C++ that uses ns-3 can be compiled here. */
function isInstalled(): boolean {
  const check = spawnSync('g++', ['-fsyntax-only', '-std=c++17', '-x', 'c++', '-'], { input: '#include <ns3/simulator.h>\n' });
  return check.status === 0;
}

function build(program: string): void {
  const libraries = MODULES.map((module) => `-lns3-${module}`);
  const made = spawnSync('g++', ['-O2', '-std=c++17', '-o', program, SOURCE, ...libraries], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`${SOURCE} cannot be compiled:\n${made.stderr}`);
}

/** What a process printed, and its user and system time in seconds as its shell has them. */
interface Run {
  readonly output: string;
  readonly cpu: number;
}

function run(command: string, args: readonly string[]): Run {
  const shell = spawnSync('sh', ['-c', '"$@" && times', 'sh', command, ...args], { encoding: 'utf8' });
  if (shell.status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${shell.stderr}`);
  const lines = shell.stdout.trimEnd().split('\n');
  const children = [...(lines.at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  const cpu = children.reduce((sum, [, minutes, seconds]) => sum + 60 * Number(minutes) + Number(seconds), 0);
  return { output: lines.slice(0, -2).join('\n'), cpu };
}

/** As ns-3 counted it, which ends when the last packets are still on the way. */
function isAllThere(output: string, { datagrams, exchanges }: Traffic): boolean {
  const [arrived = 0, completed = 0] = output.split(' ').map(Number);
  return arrived >= datagrams - NODES && completed >= exchanges - NODES;
}

function rowsOf(mode: Mode, ns3: string, program: string, directory: string): string[][] {
  const agents: Agents = { nodes: NODES, mode, seconds: SECONDS };
  const file = join(directory, mode);
  const traffic = writeTraffic(agents, file);
  const own: number[] = [];
  const others = new Map(Object.keys(TOPOLOGIES).map((topology) => [topology, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    own.push(run(process.execPath, [program, '--agents', JSON.stringify(agents)]).cpu);
    for (const [topology, times] of others) {
      if (process.stderr.isTTY) process.stderr.write(`ns3: ${mode}, ${topology}, round ${round + 1} …\u001b[K\r`);
      const { output, cpu } = run(ns3, [file, String(NODES), String(SECONDS), topology]);
      if (!isAllThere(output, traffic)) throw new Error(`ns-3 delivered ${output} of ${JSON.stringify(traffic)}`);
      times.push(cpu);
    }
  }
  const row = (what: string, times: readonly number[], reach: string): string[] => {
    const { median, min, max } = spread(times);
    return [
      what,
      String(traffic.datagrams),
      String(traffic.exchanges),
      median.toFixed(2),
      `${min.toFixed(2)}–${max.toFixed(2)}`,
      reach,
    ];
  };
  return [
    row(`${mode}: Partita`, own, ''),
    ...[...others].map(([topology, times]) => {
      const ratio = spread(times.map((time, round) => time / (own[round] as number))).median;
      const verdict = `× ${ratio.toFixed(1)}, to be ≥ ${GOAL}: ${ratio >= GOAL ? 'reached' : 'missed'}`;
      return row(`${mode}: ns-3, ${TOPOLOGIES[topology as keyof typeof TOPOLOGIES]}`, times, verdict);
    }),
  ];
}

/** Partita beside ns-3 with the same traffic, if ns-3 is there. */
export function ns3(program: string): void {
  console.log(`
## ns3
${NODES} Serf agents for ${SECONDS} s, half and half on two segments with one router between them, and ns-3 that sends what they send: each datagram at its instant with
its size, and each exchange of state over TCP. User and system time of whole processes in seconds, from start to end; median of ${ROUNDS} rounds, and how many times as
long ns-3 took. Partita runs the agents, with hosts, processes, timers, logs and fingerprint. ns-3 runs no protocol above UDP and TCP: it reads from
a file what to send. It has no IPv6, queue disciplines or dynamic routing here. On a bus each frame is handed to all 51 that are on it; a switch learns and hands it
to one; without segments, a host's link leads right to the router, which is least work.
`);
  if (!isInstalled()) {
    console.log('ns-3 is not installed, so nothing was compared. On Debian: apt-get install g++ ns3 libns3-dev');
    return;
  }
  const directory = mkdtempSync(join(tmpdir(), 'partita-ns3-'));
  try {
    const binary = join(directory, 'traffic');
    build(binary);
    const body: string[][] = [];
    for (const mode of ['busy', 'quiet'] as const) body.push(...rowsOf(mode, binary, program, directory));
    if (process.stderr.isTTY) process.stderr.write('\u001b[K');
    console.log(table(['', 'datagrams', 'exchanges', 'CPU s, median', 'least–most', 'ns-3 to Partita'], body));
  } finally {
    rmSync(directory, { recursive: true });
  }
}
