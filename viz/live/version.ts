declare const PARTITA_VERSION: string;

/** The version of the package that this page was built from. */
export const VERSION = typeof PARTITA_VERSION === 'undefined' ? 'unknown' : PARTITA_VERSION;
