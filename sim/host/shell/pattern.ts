/** What one place of a pattern matches; a `star` matches any text. */
type Item =
  | { readonly type: 'star' }
  | { readonly type: 'any' }
  | { readonly type: 'character'; readonly character: string }
  | { readonly type: 'set'; readonly not: boolean; readonly ranges: readonly (readonly [string, string])[] };

/** A stretch of a pattern; in a quoted one `*`, `?` and `[` stand for themselves. */
export interface Stretch {
  readonly text: string;
  readonly quoted: boolean;
}

/** Whether a text matches a shell pattern as a whole (IEEE Std 1003.1, Shell Command Language, 2.13). */
export function matches(pattern: readonly Stretch[], text: string): boolean {
  const items = pattern.flatMap(({ text: stretch, quoted }) => (quoted ? literal(stretch) : itemsOf(stretch)));
  const characters = [...text];
  // A star first takes nothing; when the rest does not match, the last star takes one character more.
  let at = 0;
  let item = 0;
  let star = -1;
  let taken = 0;
  while (at < characters.length) {
    const wanted = items[item];
    if (wanted?.type === 'star') {
      star = item++;
      taken = at;
    } else if (wanted !== undefined && fits(wanted, characters[at] as string)) {
      item++;
      at++;
    } else if (star >= 0) {
      item = star + 1;
      at = ++taken;
    } else {
      return false;
    }
  }
  return items.slice(item).every(({ type }) => type === 'star');
}

const literal = (text: string): Item[] => [...text].map((character) => ({ type: 'character', character }));

function itemsOf(text: string): Item[] {
  const items: Item[] = [];
  const characters = [...text];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] as string;
    if (character === '*') items.push({ type: 'star' });
    else if (character === '?') items.push({ type: 'any' });
    else if (character === '[') {
      const not = characters[i + 1] === '!' || characters[i + 1] === '^';
      const start = i + (not ? 2 : 1);
      // A bracket right at the start stands for itself.
      const end = characters.indexOf(']', start + 1);
      if (end < 0) {
        items.push({ type: 'character', character });
      } else {
        items.push({ type: 'set', not, ranges: rangesOf(characters.slice(start, end)) });
        i = end;
      }
    } else items.push({ type: 'character', character });
  }
  return items;
}

function rangesOf(characters: readonly string[]): [string, string][] {
  const ranges: [string, string][] = [];
  for (let i = 0; i < characters.length; i++) {
    const from = characters[i] as string;
    const to = characters[i + 1] === '-' ? characters[i + 2] : undefined;
    ranges.push([from, to ?? from]);
    if (to !== undefined) i += 2;
  }
  return ranges;
}

function fits(item: Item, character: string): boolean {
  switch (item.type) {
    case 'character':
      return item.character === character;
    case 'set':
      return item.ranges.some(([from, to]) => from <= character && character <= to) !== item.not;
    default:
      return true;
  }
}
