/** A preference of this browser; undefined when there is none or the page may not remember anything, as when opened from disk. */
export function kept(name: string): string | undefined {
  try {
    return localStorage.getItem(`partita.${name}`) ?? undefined;
  } catch {
    return undefined;
  }
}

export function keep(name: string, value: string): void {
  try {
    localStorage.setItem(`partita.${name}`, value);
  } catch {
    // It holds until the page is closed.
  }
}
