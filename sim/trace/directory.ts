const HASH_START = 1024;

/**
 * The cells of a trace by number: (node, subject, field) in the order in which they were first written.
 *
 * An open-addressing table over typed arrays, because a cell's number is looked up for every change and a Map would need a key made of three
 * numbers.
 */
export class CellDirectory {
  count = 0;
  nodes = new Int32Array(HASH_START / 2);
  subjects = new Int32Array(HASH_START / 2);
  fields = new Int32Array(HASH_START / 2);
  private slots = new Int32Array(HASH_START).fill(-1);

  /** The number of a cell; the next free one if it was never asked for. */
  number(node: number, subject: number, field: number): number {
    const mask = this.slots.length - 1;
    let slot = hash(node, subject, field) & mask;
    for (;;) {
      const number = this.slots[slot] as number;
      if (number < 0) return this.add(slot, node, subject, field);
      if (this.nodes[number] === node && this.subjects[number] === subject && this.fields[number] === field) return number;
      slot = (slot + 1) & mask;
    }
  }

  /** One of its own with the first so many of the cells. */
  copy(count: number): CellDirectory {
    const copy = new CellDirectory();
    for (let i = 0; i < count; i++) copy.number(this.nodes[i] as number, this.subjects[i] as number, this.fields[i] as number);
    return copy;
  }

  private add(slot: number, node: number, subject: number, field: number): number {
    const number = this.count++;
    this.slots[slot] = number;
    this.nodes[number] = node;
    this.subjects[number] = subject;
    this.fields[number] = field;
    if (this.count === this.nodes.length) this.grow();
    return number;
  }

  private grow(): void {
    const twice = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const grown = new Int32Array(old.length * 2);
      grown.set(old);
      return grown;
    };
    this.nodes = twice(this.nodes);
    this.subjects = twice(this.subjects);
    this.fields = twice(this.fields);
    this.slots = new Int32Array(this.slots.length * 2).fill(-1);
    const mask = this.slots.length - 1;
    for (let number = 0; number < this.count; number++) {
      let slot = hash(this.nodes[number] as number, this.subjects[number] as number, this.fields[number] as number) & mask;
      while ((this.slots[slot] as number) >= 0) slot = (slot + 1) & mask;
      this.slots[slot] = number;
    }
  }
}

function hash(node: number, subject: number, field: number): number {
  let mixed = Math.imul(node, 0x9e3779b1) ^ Math.imul(subject, 0x85ebca77) ^ Math.imul(field, 0xc2b2ae3d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}
