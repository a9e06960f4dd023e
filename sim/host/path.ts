/** Where shells start, and what `~` stands for. */
export const HOME = '/root';

/** A path from the root, without `.`, `..` and doubled slashes; a relative one starts at the home directory. */
export function absolute(path: string): string {
  const steps: string[] = [];
  for (const step of (path.startsWith('/') ? path : `${HOME}/${path}`).split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}

/** What a command is known by: `serf` for `/usr/local/bin/serf`. Other paths are scripts and stay as they are. */
export function commandName(word: string): string {
  return /^(?:\/usr)?(?:\/local)?\/s?bin\/([^/]+)$/.exec(word)?.[1] ?? word;
}
