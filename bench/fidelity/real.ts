import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { alone, Wiring } from './namespaces.ts';
import { scheduling, sentBy, type Waits } from './proc.ts';
import { type Deed, type Done, type Line, type Sample, type Seen, type Sent, withoutTime } from './world.ts';

/** Between two looks whether everything has been measured, in milliseconds. */
const LOOK = 250;
/** An agent whose measures have all come is left alone for so long before it is killed. */
const REST = 300;

/** What was seen of a world made of real agents, and how long these waited for a processor. */
export interface Reality extends Seen {
  readonly waits: Waits;
}

const running = new Set<ChildProcess>();

/** Kills all that still runs; for when we have to go at once. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

/** Builds a world of namespaces, runs it in real time until everything is measured or it is over, and takes it away. */
export async function inReality({ world, measures }: Sample, ordinal: number): Promise<Reality> {
  const home = mkdtempSync(join(tmpdir(), 'partita-'));
  const wiring = new Wiring(ordinal, world);
  const jobs = new Jobs(wiring, home);
  try {
    await wiring.build();
    for (const { name, files } of world.machines) {
      mkdirSync(join(home, name));
      for (const [path, text] of Object.entries(files ?? {})) {
        writeFileSync(join(home, name, basename(path)), text);
        chmodSync(join(home, name, basename(path)), 0o755);
      }
    }
    jobs.begin();
    const seen: Seen = jobs;
    const lastDeed = Math.max(...world.deeds.map(({ at }) => at));
    for (const deed of world.deeds) {
      await jobs.until(deed.at * 1000);
      await jobs.act(deed);
    }
    const isMeasured = () => measures.length > 0 && measures.every((measure) => measure.of(seen) !== undefined);
    for (let at = lastDeed * 1000; at < world.end * 1000 && !isMeasured(); at += LOOK) await jobs.until(at + LOOK);
    await jobs.until(jobs.now + REST);
    return { lines: jobs.lines, done: jobs.done, waits: jobs.waits() };
  } finally {
    await jobs.end();
    await wiring.remove();
    rmSync(home, { recursive: true, force: true });
  }
}

/** What runs on the hosts of one world. */
class Jobs implements Seen {
  readonly lines: Line[] = [];
  readonly done: Done[] = [];
  private readonly wiring: Wiring;
  private readonly home: string;
  private readonly agents = new Map<string, ChildProcess>();
  private readonly children = new Set<ChildProcess>();
  private start = 0;

  constructor(wiring: Wiring, home: string) {
    this.wiring = wiring;
    this.home = home;
  }

  begin(): void {
    this.start = performance.now();
  }

  /** In milliseconds since the start of the world. */
  get now(): number {
    return performance.now() - this.start;
  }

  until(at: number): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve, Math.max(0, at - this.now)));
  }

  async act(deed: Deed): Promise<void> {
    const at = this.now;
    switch (deed.does) {
      case 'run':
        this.run(deed.host, deed.line);
        break;
      case 'kill':
        this.agents.get(deed.host)?.kill('SIGKILL');
        break;
      case 'cut':
        await this.wiring.plug('down');
        break;
      case 'heal':
        await this.wiring.plug('up');
        break;
      case 'count':
        this.done.push({ at, deed, sent: this.sent() });
        return;
    }
    this.done.push({ at, deed });
  }

  /** Types a line on a host, which has its own name and its own /root, and whose processes do not outlive us. */
  private run(host: string, line: string): void {
    const own = alone(`mount --bind "$0" /root; hostname ${host}; cd /root; exec ${line}`, join(this.home, host));
    const child = spawn('ip', ['netns', 'exec', this.wiring.namespace(host), ...own], { stdio: ['ignore', 'pipe', 'pipe'] });
    if (line.startsWith('serf agent')) this.agents.set(host, child);
    running.add(child);
    this.children.add(child);
    child.on('close', () => {
      running.delete(child);
      this.children.delete(child);
    });
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        const at = this.now;
        const texts = (rest + chunk).split('\n');
        rest = texts.pop() ?? '';
        for (const text of texts) this.lines.push({ at, host, of: line, text: withoutTime(text) });
      });
    }
  }

  /** What the hosts' kernels have sent, as seen from their agents. */
  private sent(): Map<string, Sent> {
    return new Map([...this.agents].map(([host, { pid }]) => [host, sentBy(pid ?? 0)]));
  }

  waits(): Waits {
    return scheduling(
      [...this.agents.values()].flatMap(({ pid, exitCode }) => (pid === undefined || exitCode !== null ? [] : [pid])),
    );
  }

  async end(): Promise<void> {
    const ends = [...this.children].map((child) => new Promise((resolve) => child.once('close', resolve)));
    for (const child of this.children) child.kill('SIGKILL');
    await Promise.all(ends);
  }
}
