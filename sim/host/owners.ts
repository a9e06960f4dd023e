/** Words of an owner: whether it is prompt, and the handles of its first sockets, each plus one. */
const WORDS = 8;
const PROMPT = 0;
const SOCKETS = 1;

/**
 * What the kernel needs of a protocol for each packet and each timer, in half a line of the processor's cache for each.
 *
 * In a cluster of a thousand the process, its record, its host and its clock are in no cache when a packet comes, and looking at
 * all of them took longer than the network. All of this is derived from them.
 */
export class Owners {
  private rows = new Int32Array(64 * WORDS);

  /**
   * @param prompt whether it takes what comes at once, by a clock that shows virtual time
   * @param sockets the handles of its sockets
   */
  set(owner: number, prompt: boolean, sockets: readonly number[]): void {
    while ((owner + 1) * WORDS > this.rows.length) {
      const grown = new Int32Array(this.rows.length * 2);
      grown.set(this.rows);
      this.rows = grown;
    }
    const row = owner * WORDS;
    this.rows.fill(0, row, row + WORDS);
    this.rows[row + PROMPT] = Number(prompt);
    for (let i = 0; i < sockets.length && SOCKETS + i < WORDS; i++) this.rows[row + SOCKETS + i] = (sockets[i] as number) + 1;
  }

  isPrompt(owner: number): boolean {
    return this.rows[owner * WORDS + PROMPT] === 1;
  }

  /** The handle of one of its sockets; negative when it is not known here. */
  handle(owner: number, socket: number): number {
    return SOCKETS + socket < WORDS ? (this.rows[owner * WORDS + SOCKETS + socket] as number) - 1 : -1;
  }
}
