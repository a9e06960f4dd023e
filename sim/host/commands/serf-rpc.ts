import { ANY, LOOPBACK } from '../../../core/address.ts';
import { rpcPlace } from './serf-agent-options.ts';

/** Where an agent listens for commands, and where commands look for one, unless told otherwise. */
export const USUAL_RPC = '127.0.0.1:7373';

/** Whether who dials `to` reaches an agent of the same host that listens at `at`. */
export function reaches(to: string, at: string): boolean {
  const [dialled, bound] = [rpcPlace(to), rpcPlace(at)];
  if (dialled === undefined || bound === undefined || dialled.port !== bound.port) return false;
  // Who dials no address in particular dials the loopback.
  const address = dialled.address === ANY ? LOOPBACK : dialled.address;
  return bound.address === ANY || bound.address === address;
}

/** Why nobody is reached there. */
export function unreached(to: string): string {
  const problem = /:\d+$/.test(to)
    ? `dial tcp ${to}: connect: connection refused`
    : `dial tcp: address ${to}: missing port in address`;
  return `Error connecting to Serf agent: ${problem}`;
}
