import { readdirSync, readFileSync } from 'node:fs';
import type { Sent } from './world.ts';

/** How often processes were put on a processor, and how long in all they had waited for it, in milliseconds. */
export interface Waits {
  readonly times: number;
  readonly waited: number;
}

/** What the kernel says of the threads of these processes (/proc/PID/task/TID/schedstat). Those that are gone count for nothing. */
export function scheduling(pids: readonly number[]): Waits {
  let times = 0;
  let waited = 0;
  for (const pid of pids) {
    for (const thread of list(`/proc/${pid}/task`)) {
      const [, delay, slices] = read(`/proc/${pid}/task/${thread}/schedstat`).split(' ').map(Number);
      times += slices ?? 0;
      waited += (delay ?? 0) / 1e6;
    }
  }
  return { times, waited };
}

/** What the kernel that a process lives on has sent by eth0: IP packets, and all else, which is ARP. */
export function sentBy(pid: number): Sent {
  const [names, values] = read(`/proc/${pid}/net/snmp`)
    .split('\n')
    .filter((line) => line.startsWith('Ip:'))
    .map((line) => line.split(' '));
  const packets = Number(values?.[names?.indexOf('OutRequests') ?? -1]);
  const ip = packets - framesSent(pid, 'lo');
  return { ip, arp: framesSent(pid, 'eth0') - ip };
}

/** The tenth of an interface's sixteen columns. */
function framesSent(pid: number, name: string): number {
  const columns = new RegExp(`^ *${name}:(.*)$`, 'm').exec(read(`/proc/${pid}/net/dev`))?.[1];
  return Number(columns?.trim().split(/ +/)[9]);
}

function list(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
