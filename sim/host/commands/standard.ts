import { arp } from './arp.ts';
import { ifconfig } from './ifconfig.ts';
import { ip } from './ip.ts';
import { kill, pidof, pkill } from './kill.ts';
import { ping } from './ping.ts';
import type { Command } from './registry.ts';
import { cat, date, hostname, sleep } from './small.ts';

/** The commands of a usual system that every host knows; those of the shell itself come with the shell. */
export const standardCommands: readonly Command[] = [arp, cat, date, hostname, ifconfig, ip, kill, pidof, ping, pkill, sleep];
