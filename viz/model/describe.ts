import { formatAddress } from '../../core/address.ts';
import type { Duration, Instant } from '../../core/time.ts';
import { formatDuration, formatInstant } from '../../core/time.ts';
import { Kind } from '../../sim/engine/journal.ts';
import { describeFields } from '../../sim/trace/describe.ts';
import type { Meaning } from '../../sim/trace/header.ts';
import { UNREADABLE } from './page.ts';
import { fieldOf, nameOf, type Run, textField, wordOf } from './run.ts';

/** The names of the kinds, by number. */
export const KIND_NAMES: readonly string[] = Object.keys(Kind);

export const kindName = (kind: number): string => KIND_NAMES[kind] ?? (kind === UNREADABLE ? 'lost' : `kind ${kind}`);

/** The fields of packets and of what the kernel puts into them, which are the same in every run. */
const PACKET_MEANINGS: Readonly<Record<string, Meaning>> = {
  'packet.from': 'endpoint',
  'packet.to': 'endpoint',
  'packet.source': 'node',
  'packet.word': 'name',
  'arp request.sender': 'address',
  'arp request.target': 'address',
  'arp reply.sender': 'address',
  'arp reply.target': 'address',
  'echo request.sentAt': 'instant',
  'echo reply.sentAt': 'instant',
};

/** What tells which meanings hold for the fields of an object. */
const typeOf = (value: unknown): string => textField(value, 'type') || (textField(value, 'transport') === '' ? '' : 'packet');

/** One record as a row of the list of events. */
export interface Row {
  readonly time: string;
  readonly node: string;
  readonly kind: string;
  readonly text: string;
}

/** Says in words what a run's records mean. */
export class Describer {
  private readonly run: Run;
  /** Names of nodes by their addresses. */
  private readonly owners = new Map<number, string>();

  constructor(run: Run) {
    this.run = run;
    for (const node of run.topology.nodes) {
      for (const { addresses } of node.interfaces) for (const { address } of addresses) this.owners.set(address, node.name);
    }
  }

  row(i: number): Row {
    const { at, kind, node } = this.run.records;
    return {
      time: formatInstant(at[i] as number as Instant, 6),
      node: nameOf(this.run, node[i] as number),
      kind: kindName(kind[i] as number),
      text: this.text(i),
    };
  }

  /** What happened, without when and where. */
  text(i: number): string {
    const { kind, word, size } = this.run.records;
    const label = wordOf(this.run, word[i] as number);
    const payload = this.run.payload(i);
    switch (kind[i]) {
      case Kind.send:
        return `${label} → ${this.place(payload, 'to')} · ${size[i]} B`;
      case Kind.deliver:
        return `${label} ← ${this.place(payload, 'from')} · ${size[i]} B`;
      case Kind.forward:
        return `${label} · ${this.place(payload, 'from')} → ${this.place(payload, 'to')}`;
      case Kind.drop:
        return `${label} · ${this.packetName(payload)} ${this.place(payload, 'from')} → ${this.place(payload, 'to')}`;
      case Kind.command:
        return `$ ${textField(payload, 'line')}`;
      case Kind.output:
        return textField(payload, 'text');
      case Kind.log:
        return textField(payload, 'line');
      case Kind.start:
        return textField(payload, 'command') || label;
      case Kind.stop:
        return [label, textField(payload, 'how')].filter((part) => part !== '').join(' · ');
      case Kind.exit:
        return `status ${size[i]}`;
      case Kind.fault:
        return textField(payload, 'does') || label;
      case Kind.verdict:
        return `${textField(payload, 'check')}: ${textField(payload, 'verdict')}${suffix(textField(payload, 'says'))}`;
      case Kind.notice:
        return [textField(payload, 'type') || label, this.fields(payload)].filter((part) => part !== '').join(' ');
      case UNREADABLE:
        return 'cannot be read';
      default:
        return label;
    }
  }

  /** An endpoint for people: the name of whose it is, and the port. */
  endpoint(id: unknown): string {
    const endpoint = typeof id === 'number' ? this.run.words.endpoint(id) : undefined;
    if (endpoint === undefined) return '?';
    const owner = this.owners.get(endpoint.address) ?? formatAddress(endpoint.address);
    return endpoint.port === 0 ? owner : `${owner}:${endpoint.port}`;
  }

  /** Plain data as indented lines `name: value`, numbers by what they stand for. At most `limit` lines. */
  lines(value: unknown, limit = 200): readonly string[] {
    const lines: string[] = [];
    this.addLines(lines, value, '', limit);
    return lines.length < limit ? lines : [...lines, '…'];
  }

  private place(payload: unknown, side: 'from' | 'to'): string {
    return this.endpoint(fieldOf(payload, side));
  }

  private packetName(payload: unknown): string {
    return textField(fieldOf(payload, 'message'), 'type') || textField(payload, 'transport');
  }

  private fields(payload: unknown): string {
    return typeof payload === 'object' && payload !== null ? describeFields(payload, this.run.words) : '';
  }

  private addLines(lines: string[], value: unknown, indent: string, limit: number): void {
    const type = typeOf(value);
    for (const [name, field] of entriesOf(value)) {
      if (lines.length >= limit) return;
      if (field === undefined) continue;
      if (isLeaf(field)) {
        lines.push(`${indent}${name}: ${this.leaf(type, name, field)}`);
      } else {
        lines.push(`${indent}${name}:`);
        this.addLines(lines, field, `${indent}  `, limit);
      }
    }
  }

  private leaf(type: string, name: string, value: unknown): string {
    if (typeof value !== 'number') return typeof value === 'object' && value !== null ? '{}' : String(value);
    const { meanings } = this.run.words;
    const typed = `${type}.${name}`;
    switch (meanings[typed] ?? PACKET_MEANINGS[typed] ?? meanings[name]) {
      case 'name':
        return wordOf(this.run, value);
      case 'node':
        return nameOf(this.run, value) || String(value);
      case 'endpoint':
        return this.endpoint(value);
      case 'address':
        return formatAddress(value as never);
      case 'instant':
        return `${formatInstant(value as Instant)} s`;
      case 'duration':
        return formatDuration(value as Duration);
      default:
        return String(value);
    }
  }
}

const suffix = (says: string): string => (says === '' ? '' : ` · ${says}`);

const isLeaf = (value: unknown): boolean => typeof value !== 'object' || value === null || entriesOf(value).length === 0;

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  if (value instanceof Map) return [...value].map(([key, each]) => [String(key), each] as const);
  if (value instanceof Set) return [...value].map((each, i) => [String(i), each] as const);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value);
}
