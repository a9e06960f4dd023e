import { describe, expect, test } from 'vitest';
import { readServer } from './kvd-options.ts';
import { exactly } from './options.ts';

const PEERS = '-peers=n1=10.0.0.1,n2=10.0.0.2';

function read(...flags: string[]) {
  const problems: string[] = [];
  const options = readServer(exactly([PEERS, ...flags]), (_, says) => problems.push(says));
  return { ...options, problems };
}

describe('a server of the store that starts in the middle of a story', () => {
  test('has the log that its terms say, in the term that was reached', () => {
    expect(read('-terms=1,1,4,6', '-term=7')).toMatchObject({ past: { terms: [1, 1, 4, 6], term: 7 }, problems: [] });
    expect(read('-term=3').past).toEqual({ terms: [1], term: 3 });
    expect(read().past).toBeUndefined();
  });

  test.each(['2,3', '1,3,2', '1,x', '1,1.5', ''])('is refused terms that no log has: %s', (terms) => {
    expect(read(`-terms=${terms}`)).toMatchObject({ past: undefined, problems: [expect.stringContaining('is no log such as')] });
  });

  test('campaigns when it is told, and sends as much at once', () => {
    const { config } = read('-election-timeout=2s', '-election-spread=1ms', '-max-entries=1');
    expect([config.electionTimeout, config.electionSpread, config.candidateTimeout, config.maxEntries]).toEqual([
      2e9, 1e6, 2e9, 1,
    ]);
  });
});
