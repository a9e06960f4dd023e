import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { cook } from '../live/cook.ts';
import { judge } from '../live/judge.ts';
import { holdsAt } from './claim.ts';
import { readRun } from './read.ts';
import { sourceOf } from './source.ts';
import { STORIES } from './stories.ts';

const shipped = new Map(
  STORIES.map(({ recipe }) => {
    const file = recipe.shipped as string;
    return [file, readFileSync(new URL(`../../scenarios/${file}`, import.meta.url), 'utf8')];
  }),
);

test.each(STORIES)('the story “$title” tells what happens', async ({ recipe, scenes }) => {
  const judging = judge(cook(recipe, shipped), 'any');
  let step = judging.next();
  while (step.done !== true) step = judging.next();
  const read = await readRun(sourceOf({ blob: step.value?.trace as Blob }));
  if ('problem' in read) throw new Error(read.problem);
  const { run } = read;
  expect(run.records.count).toBe(run.total);
  for (const { caption, at, host, claims } of scenes) {
    expect(at).toBeLessThanOrEqual(run.end);
    expect(run.topology.nodes.map(({ name }) => name)).toContain(host ?? run.topology.nodes[0]?.name);
    expect(claims.length).toBeGreaterThan(0);
    for (const claim of claims) expect(holdsAt(run, at, claim), `${caption} ${JSON.stringify(claim)}`).toBe(true);
  }
});

test('a claim that is not so does not hold', async () => {
  const judging = judge(cook({ shipped: 'two-segments.yaml' }, shipped), 'any');
  let step = judging.next();
  while (step.done !== true) step = judging.next();
  const read = await readRun(sourceOf({ blob: step.value?.trace as Blob }));
  if ('problem' in read) throw new Error(read.problem);
  const cell = { node: 'a', subject: 'b', field: 'serf.status', shows: 'alive' };
  expect(holdsAt(read.run, 89e9, cell)).toBe(false);
  expect(holdsAt(read.run, 95e9, cell)).toBe(true);
  expect(holdsAt(read.run, 89e9, { kind: 'command', text: 'serf join' })).toBe(false);
  expect(holdsAt(read.run, 95e9, { kind: 'command', text: 'serf join' })).toBe(true);
  expect(holdsAt(read.run, 95e9, { kind: 'command', most: 0 })).toBe(false);
});
