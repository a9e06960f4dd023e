import { formatAddress, parseAddress } from '../address.ts';
import { assert } from '../assert.ts';
import type { Brand } from '../brand.ts';
import type { Endpoint, NameId, Names } from '../names.ts';
import { pushPullNodeSize, unsignedSize } from './size.ts';

/** pmin, pmax, pcur of the protocol and dmin, dmax, dcur of the application on top of it. */
export type Versions = readonly [number, number, number, number, number, number];

/** How a member describes itself in an alive message. */
export interface Description {
  readonly address: Endpoint;
  /** Bytes of the address on the wire: 4 with a specific bind address, 16 (IPv4-mapped) with the default 0.0.0.0. */
  readonly addressBytes: 4 | 16;
  readonly versions: Versions;
  /** What the application says about the member, and the bytes this takes on the wire. */
  readonly meta: string;
  readonly metaBytes: number;
}

/** A description as one small integer: the NameId of its text, so that a view of a member holds two bytes of it. */
export type DescriptionId = NameId & Brand<number, 'DescriptionId'>;

/**
 * The descriptions of one world, interned through its name table as `10.0.0.1:7946 4 1.5.2.2.5.5 2 {}`.
 *
 * What is kept here is derived from the name table alone and checked against it on each use, so it is no state.
 */
export class Descriptions {
  private readonly names: Names;
  private readonly parsed: (Parsed | undefined)[] = [];
  /** Each vector of versions once, so that equal ones are the same. */
  private readonly versions = new Map<string, Versions>();

  constructor(names: Names) {
    this.names = names;
  }

  id(description: Description): DescriptionId {
    const { address, addressBytes, versions, meta, metaBytes } = description;
    const where = `${formatAddress(this.names.address(address))}:${this.names.port(address)}`;
    return this.names.id(`${where} ${addressBytes} ${versions.join('.')} ${metaBytes} ${meta}`) as DescriptionId;
  }

  /** @returns undefined when the id is no description: something that came from the network */
  find(id: number): Description | undefined {
    const text = this.names.state.texts[id];
    if (text === undefined) return undefined;
    const known = this.parsed[id];
    // After a restore an id may have got another text.
    return known !== undefined && known.text === text ? known.description : this.parse(id, text).description;
  }

  /** Bytes of a record of a push/pull that do not depend on its name and incarnation; of an id that was checked when it came. */
  recordBytes(id: number): number {
    const known = this.parsed[id];
    const text = this.names.text(id as NameId);
    return known !== undefined && known.text === text ? known.recordBytes : this.parse(id, text).recordBytes;
  }

  /** Of an id that was checked when it came. */
  of(id: DescriptionId): Description {
    const description = this.find(id);
    assert(description !== undefined, () => `name ${id} is no description`);
    return description;
  }

  private parse(id: number, text: string): Parsed {
    const description = parse(text, this.names, this.versions);
    const parsed = { text, description, recordBytes: description === undefined ? 0 : recordBytesOf(description, this.names) };
    this.parsed[id] = parsed;
    return parsed;
  }
}

function recordBytesOf({ address, addressBytes, metaBytes }: Description, names: Names): number {
  return pushPullNodeSize(0, 0, addressBytes, names.port(address), metaBytes) - unsignedSize(0);
}

/** What is known of a text. */
interface Parsed {
  readonly text: string;
  readonly description: Description | undefined;
  readonly recordBytes: number;
}

const TEXT = /^([\d.]+):(\d{1,5}) (4|16) (\d+)\.(\d+)\.(\d+)\.(\d+)\.(\d+)\.(\d+) (\d+) (.*)$/s;

function parse(text: string, names: Names, versions: Map<string, Versions>): Description | undefined {
  const match = TEXT.exec(text);
  if (match === null) return undefined;
  const address = parseAddress(match[1] as string);
  if (address === undefined) return undefined;
  return {
    address: names.endpoint(address, Number(match[2])),
    addressBytes: match[3] === '4' ? 4 : 16,
    versions: versionsOf(match.slice(4, 10), versions),
    meta: match[11] as string,
    metaBytes: Number(match[10]),
  };
}

function versionsOf(texts: readonly string[], known: Map<string, Versions>): Versions {
  const key = texts.join();
  let versions = known.get(key);
  if (versions === undefined) {
    versions = texts.map(Number) as unknown as Versions;
    known.set(key, versions);
  }
  return versions;
}

const TABLES = new WeakMap<Names, Descriptions>();

/** The descriptions of a world; all its members share one table. */
export function descriptionsOf(names: Names): Descriptions {
  let table = TABLES.get(names);
  if (table === undefined) {
    table = new Descriptions(names);
    TABLES.set(names, table);
  }
  return table;
}
