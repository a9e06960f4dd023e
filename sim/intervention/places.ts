/** Files an entry of a list, by its place, under a key. */
export function file(index: Map<number, number[]>, key: number, entry: number): void {
  const filed = index.get(key);
  if (filed === undefined) index.set(key, [entry]);
  else filed.push(entry);
}
