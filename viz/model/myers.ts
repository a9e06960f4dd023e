/** A step of the way from one list to another: an item of both, of the left one only, or of the right one only, by their places. */
export type Edit =
  | { readonly type: 'same'; readonly left: number; readonly right: number }
  | { readonly type: 'left'; readonly left: number }
  | { readonly type: 'right'; readonly right: number };

/**
 * The shortest way from one list to another (Myers, An O(ND) Difference Algorithm and Its Variations, 1986).
 *
 * Time and memory grow with the length of the lists times the number of differences: for windows, not for whole runs.
 */
export function shortestEdit(left: readonly string[], right: readonly string[]): Edit[] {
  const most = left.length + right.length;
  const reached = new Int32Array(2 * most + 2);
  const trail: Int32Array[] = [];
  for (let edits = 0; edits <= most; edits++) {
    trail.push(reached.slice());
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const down = comesDown(reached, most, diagonal, edits);
      let x = down ? (reached[most + diagonal + 1] as number) : (reached[most + diagonal - 1] as number) + 1;
      while (x < left.length && x - diagonal < right.length && left[x] === right[x - diagonal]) x++;
      reached[most + diagonal] = x;
      if (x >= left.length && x - diagonal >= right.length) return wayBack(trail, most, left.length, right.length);
    }
  }
  return [];
}

/** Whether the furthest way to a diagonal adds an item of the right list; else it leaves one of the left out. */
const comesDown = (reached: Int32Array, most: number, diagonal: number, edits: number): boolean =>
  diagonal === -edits ||
  (diagonal !== edits && (reached[most + diagonal - 1] as number) < (reached[most + diagonal + 1] as number));

function wayBack(trail: readonly Int32Array[], most: number, lefts: number, rights: number): Edit[] {
  const edits: Edit[] = [];
  let [x, y] = [lefts, rights];
  for (let step = trail.length - 1; step >= 0; step--) {
    const reached = trail[step] as Int32Array;
    const diagonal = x - y;
    const down = comesDown(reached, most, diagonal, step);
    const before = down ? diagonal + 1 : diagonal - 1;
    const fromX = step === 0 ? 0 : (reached[most + before] as number);
    const fromY = step === 0 ? 0 : fromX - before;
    while (x > fromX && y > fromY && x > 0 && y > 0 && (step === 0 || x - 1 >= (down ? fromX : fromX + 1))) {
      x--;
      y--;
      edits.push({ type: 'same', left: x, right: y });
    }
    if (step === 0) break;
    if (down) edits.push({ type: 'right', right: --y });
    else edits.push({ type: 'left', left: --x });
  }
  return edits.reverse();
}
