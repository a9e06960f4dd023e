import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { surroundings } from '../surroundings.ts';
import { loadReplay } from './load.ts';
import { repeat } from './repeat.ts';

const folder = new URL('../../scenarios/regressions/', import.meta.url);
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'));

describe.each(files)('the bug of scenarios/regressions/%s', (name) => {
  const { replay, scenario, isOther } = loadReplay(readFileSync(new URL(name, folder)), surroundings, name);

  test('was a failure, has a cause, and its file holds the world that it showed in', () => {
    expect(replay).toMatchObject({
      verdict: 'violated',
      failure: { check: replay.case.check },
      cause: expect.stringMatching(/\.$/),
    });
    expect(isOther).toBe(false);
  });

  test('does not show any more, though all that is done to the world still is', () => {
    const { outcome, verdict, unapplied, strangers } = repeat(scenario.plan, replay, surroundings);
    expect({ outcome, verdict, unapplied, strangers }).toEqual({
      outcome: 'no longer',
      verdict: 'held',
      unapplied: [],
      strangers: [],
    });
  });
});
