import { execFile, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import type { World } from './world.ts';

const PREFIX = 'partita-';

/**
 * Carries out lines of shell up to the first that fails. Not at once, for whoever waits for it has lines of agents to read meanwhile.
 *
 * @returns what they printed
 */
function shell(...lines: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile('sh', ['-ec', lines.join('\n')], (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr.trim()));
    });
  });
}

/**
 * What a process has of its own beside its network: the name of its host and, by a mount, /root. It dies with the one that started it.
 *
 * @param script of the shell; its words after the first are `own`
 */
export const alone = (script: string, ...own: readonly string[]): string[] => [
  'unshare',
  '--uts',
  '--mount',
  'setpriv',
  '--pdeathsig',
  'KILL',
  'sh',
  '-ec',
  script,
  ...own,
];

/** Why networks cannot be made of namespaces here; undefined when they can. */
export async function unable(): Promise<string | undefined> {
  const name = `${PREFIX}${process.pid}-try`;
  made.add(name);
  try {
    await shell(
      `ip netns add ${name}`,
      `ip -n ${name} link add br0 type bridge`,
      `ip netns exec ${name} ${alone('"mount --bind /tmp /root && hostname try && test -r /proc/net/snmp"').join(' ')}`,
    );
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    removeAll();
  }
}

const made = new Set<string>();

/** Deletes all that this process made and what a process that is no more has left behind. */
export function removeAll(): void {
  const left = listed().filter((name) => made.has(name) || !lives(Number(name.slice(PREFIX.length).split('-')[0])));
  if (left.length > 0) spawnSync('sh', { input: left.map((name) => `ip netns del ${name}\n`).join('') });
  made.clear();
}

function listed(): string[] {
  try {
    return readdirSync('/run/netns').filter((name) => name.startsWith(PREFIX));
  } catch {
    return [];
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/**
 * The network of a world made of namespaces: one for each host, with eth0, and one that holds two bridges with a cable between them.
 * Nothing of it shows in the namespace that we are in.
 */
export class Wiring {
  private readonly name: string;
  private readonly world: World;

  /** @param ordinal tells it from others of this process */
  constructor(ordinal: number, world: World) {
    this.name = `${PREFIX}${process.pid}-${ordinal}`;
    this.world = world;
  }

  async build(): Promise<void> {
    const { machines, ipv6 = false } = this.world;
    const { bridges } = this;
    for (const namespace of this.namespaces()) made.add(namespace);
    const set = (namespace: string, setting: string) => `ip netns exec ${namespace} sysctl -qw net.ipv6.conf.default.${setting}`;
    await shell(
      ...this.namespaces().map((namespace) => `ip netns add ${namespace}`),
      ...this.namespaces().map((namespace) => set(namespace, ipv6 && namespace !== bridges ? 'accept_dad=0' : 'disable_ipv6=1')),
      ...[0, 1].map((side) => `ip -n ${bridges} link add br${side} type bridge mcast_snooping 0`),
      `ip -n ${bridges} link add cable0 type veth peer name cable1`,
      ...[0, 1].map((side) => `ip -n ${bridges} link set cable${side} master br${side} up`),
      ...machines.flatMap(({ name, address, side }) => {
        const namespace = this.namespace(name);
        return [
          `ip link add ${name} netns ${bridges} type veth peer name eth0 netns ${namespace}`,
          `ip -n ${bridges} link set ${name} master br${side} up`,
          `ip -n ${namespace} addr add ${address}/24 dev eth0`,
          `ip -n ${namespace} link set lo up`,
          `ip -n ${namespace} link set eth0 up`,
          // An agent that is to discover others dies when there is no route for multicast.
          `ip -n ${namespace} route add 224.0.0.0/4 dev eth0`,
        ];
      }),
      ...[0, 1].map((side) => `ip -n ${bridges} link set br${side} up`),
    );
  }

  private get bridges(): string {
    return `${this.name}-bridges`;
  }

  namespace(host: string): string {
    return `${this.name}-${host}`;
  }

  /** Pulls the cable between the bridges, or plugs it in. Hosts notice nothing but silence. */
  async plug(state: 'up' | 'down'): Promise<void> {
    await shell(`ip -n ${this.bridges} link set cable0 ${state}`);
  }

  async remove(): Promise<void> {
    await shell(...this.namespaces().map((namespace) => `ip netns del ${namespace} || true`));
    for (const namespace of this.namespaces()) made.delete(namespace);
  }

  private namespaces(): string[] {
    return [this.bridges, ...this.world.machines.map(({ name }) => this.namespace(name))];
  }
}
