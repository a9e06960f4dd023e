/** Writes a word so that the shell reads it as it is: in single quotes where it holds more than letters, digits and `_@%+=:,./-`. */
export function quote(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  return `'${word.replaceAll("'", "'\\''")}'`;
}
