/** A key, and what it does. */
export interface Shortcut {
  readonly key: string;
  /** As people call it. */
  readonly shown: string;
  readonly does: string;
}

/** The keys of one letter. What each of them does to the page stands where pages are. */
export const SHORTCUTS = [
  { key: ' ', shown: 'space', does: 'Play or pause' },
  { key: '.', shown: '.', does: 'One event on' },
  { key: ',', shown: ',', does: 'One event back' },
  { key: 'j', shown: 'j', does: 'Next event of the selected host' },
  { key: 'k', shown: 'k', does: 'Previous event of the selected host' },
  { key: 'n', shown: 'n', does: 'Next marker: a command, a fault, an election, a verdict' },
  { key: 'p', shown: 'p', does: 'Previous marker' },
  { key: 'b', shown: 'b', does: 'Bookmark this event, or take the bookmark away' },
  { key: '<', shown: '<', does: 'Play at half the speed' },
  { key: '>', shown: '>', does: 'Play at double the speed' },
  { key: 'l', shown: 'l', does: 'Play round and round, or once' },
  { key: '[', shown: '[', does: 'Focus from here on' },
  { key: ']', shown: ']', does: 'Focus up to here' },
  { key: '\\', shown: '\\', does: 'No focus: all of the run' },
  { key: 'f', shown: 'f', does: 'Focus on what the space-time diagram shows' },
  { key: 'v', shown: 'v', does: 'The next picture' },
  { key: 'm', shown: 'm', does: 'Only the picture' },
  { key: 'g', shown: 'g', does: 'Go to an instant' },
  { key: '/', shown: '/', does: 'Filter the events' },
  { key: 'x', shown: 'x', does: 'Go on live from this instant' },
  { key: '?', shown: '?', does: 'This help' },
] as const satisfies readonly Shortcut[];
