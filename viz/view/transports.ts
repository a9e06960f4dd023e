import type { Token } from '../model/palette.ts';
import { drawn } from './element.ts';

/** How packets of a transport look: a shape of their own, so that the colour only helps. */
export interface Look {
  readonly name: string;
  readonly token: Token;
  /** On a grid from −6 to 6. */
  readonly shape: string;
}

export const TRANSPORTS: Readonly<Record<string, Look>> = {
  udp: { name: 'UDP', token: 'udp', shape: 'M0-5a5 5 0 1 0 0 10A5 5 0 0 0 0-5Z' },
  stream: { name: 'TCP', token: 'stream', shape: 'M-4.4-4.4h8.8v8.8h-8.8z' },
  message: { name: 'whole message', token: 'message', shape: 'M0-5.6 5.6 0 0 5.6-5.6 0z' },
  arp: { name: 'ARP', token: 'arp', shape: 'M0-5.4 5.4 4.2h-10.8z' },
  icmp: { name: 'ICMP', token: 'icmp', shape: 'M0 5.4-5.4-4.2h10.8z' },
};

const OTHER: Look = { name: 'other', token: 'left', shape: 'M-2-5h4v10h-4z' };

export const lookOf = (transport: string): Look => TRANSPORTS[transport] ?? OTHER;

export function transportMark(transport: string): SVGSVGElement {
  const look = lookOf(transport);
  return drawn(
    'svg',
    { viewBox: '-6 -6 12 12', class: `mark ${look.token}`, 'aria-hidden': 'true' },
    drawn('path', { d: look.shape, fill: 'currentColor' }),
  );
}
