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

/** The place of what is no description in the list of versions. */
const NONE = 0;

/**
 * The descriptions of one world, interned through its name table as `10.0.0.1:7946 4 1.5.2.2.5.5 2 {}`.
 *
 * What is kept here is derived from the name table alone, so it is no state; after a restore the table has another list of texts, and all
 * this is forgotten. Columns by id, because an exchange of states in a large cluster asks three things about each of ten thousand.
 */
export class Descriptions {
  private readonly names: Names;
  /** What all this was derived from. */
  private texts: readonly string[] = [];
  private parsed: (Description | undefined)[] = [];
  /** By id: the place of its versions in the list, NONE for no description. Ids that were not looked at yet are beyond the end. */
  private versions: number[] = [];
  private recordBytes: number[] = [];
  private addresses: number[] = [];
  private readonly vectors: (Versions | undefined)[] = [undefined];
  private readonly places = new Map<string, number>();

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
    this.look(id);
    return this.parsed[id];
  }

  /** Of an id that was checked when it came. */
  of(id: DescriptionId): Description {
    this.look(id);
    const description = this.parsed[id];
    assert(description !== undefined, () => `name ${id} is no description`);
    return description;
  }

  /** Where a member is; of an id that was checked when it came. */
  addressOf(id: DescriptionId): Endpoint {
    this.look(id);
    return this.addresses[id] as Endpoint;
  }

  has(id: number): boolean {
    this.look(id);
    return (this.versions[id] ?? NONE) !== NONE;
  }

  /** What a member speaks; equal versions are the same object. */
  versionsOf(id: number): Versions | undefined {
    this.look(id);
    return this.vectors[this.versions[id] ?? NONE];
  }

  /** Bytes of a record of a push/pull that do not depend on its name and incarnation. */
  recordBytesOf(id: number): number {
    this.look(id);
    return this.recordBytes[id] ?? 0;
  }

  /** Makes sure that all up to an id were looked at. */
  private look(id: number): void {
    if (this.texts !== this.names.state.texts) this.forget();
    if (id >= this.versions.length) this.readUpTo(id);
  }

  private forget(): void {
    this.texts = this.names.state.texts;
    this.parsed = [];
    this.versions = [];
    this.recordBytes = [];
    this.addresses = [];
  }

  private readUpTo(id: number): void {
    const end = Math.min(id + 1, this.texts.length);
    for (let each = this.versions.length; each < end; each++) {
      const description = parse(this.texts[each] as string, this.names);
      this.parsed.push(description);
      this.versions.push(description === undefined ? NONE : this.place(description.versions));
      this.recordBytes.push(description === undefined ? 0 : recordBytesOf(description, this.names));
      this.addresses.push(description?.address ?? -1);
    }
  }

  private place(versions: Versions): number {
    const key = versions.join();
    let place = this.places.get(key);
    if (place === undefined) {
      place = this.vectors.push(versions) - 1;
      this.places.set(key, place);
    }
    return place;
  }
}

function recordBytesOf({ address, addressBytes, metaBytes }: Description, names: Names): number {
  return pushPullNodeSize(0, 0, addressBytes, names.port(address), metaBytes) - unsignedSize(0);
}

const TEXT = /^([\d.]+):(\d{1,5}) (4|16) (\d+)\.(\d+)\.(\d+)\.(\d+)\.(\d+)\.(\d+) (\d+) (.*)$/s;

function parse(text: string, names: Names): Description | undefined {
  const match = TEXT.exec(text);
  if (match === null) return undefined;
  const address = parseAddress(match[1] as string);
  if (address === undefined) return undefined;
  return {
    address: names.endpoint(address, Number(match[2])),
    addressBytes: match[3] === '4' ? 4 : 16,
    versions: match.slice(4, 10).map(Number) as unknown as Versions,
    meta: match[11] as string,
    metaBytes: Number(match[10]),
  };
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
