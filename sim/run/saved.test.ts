import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { loadScenario } from '../scenario/load.ts';
import { surroundings } from '../surroundings.ts';
import { jsonLines } from '../trace/json-lines.ts';
import { openTrace } from '../trace/open.ts';
import { Memory } from '../trace/sink.ts';
import type { SavedTrace } from '../trace/writer.ts';
import { begin, type Report, type RunOptions, type SavedRun } from './run.ts';
import { tracing } from './tracing.ts';

const { registry } = surroundings;

/** Runs a plan to its end with a trace, and keeps what can be gone on from at each yield. */
function traced(name: string, from?: { readonly run: SavedRun; readonly trace: SavedTrace; readonly bytes: Uint8Array }) {
  const text = readFileSync(new URL(`../../scenarios/${name}`, import.meta.url), 'utf8');
  const { plan } = loadScenario(text, surroundings, name);
  const sink = new Memory();
  if (from !== undefined) sink.write(from.bytes);
  const about = { sink, seed: plan.seed, name, text, version: '1', engine: 'test', chunk: 512 };
  const trace = tracing(plan, from === undefined ? about : { ...about, from: from.trace });
  let save: () => SavedRun = () => expect.fail('a run is saved after it has begun');
  let events = 0;
  const options: RunOptions = {
    registry,
    listen: trace.listen,
    leave: () => ++events % 1000 === 0,
    begun: (_, saving) => {
      save = saving;
    },
    ...(from === undefined ? {} : { from: from.run }),
  };
  const running = begin(plan, options);
  const saves: { readonly run: SavedRun; readonly trace: SavedTrace; readonly bytes: Uint8Array }[] = [];
  let report: Report;
  for (;;) {
    const { done, value } = running.next();
    if (done) {
      report = value;
      break;
    }
    // Chunks end where it is asked for, so that both are asked at the same moments.
    const saved = trace.saved();
    if (from === undefined) saves.push({ run: save(), trace: saved, bytes: sink.content().slice() });
  }
  trace.close({ ...report, findings: [] });
  return { report, bytes: sink.content(), saves };
}

/** All that a trace tells, but what became of the one check that must be heard from the start. */
async function linesOf(bytes: Uint8Array): Promise<string[]> {
  const opened = await openTrace(new Memory(bytes), { inflate: async (each) => each });
  if (!opened.ok) throw new Error(opened.problem);
  const lines: string[] = [];
  for await (const line of jsonLines(opened.trace, {}, true)) if (!line.includes('"check":"Linearizable"')) lines.push(line);
  return lines;
}

// Between them they have expectations, measures, safety, "eventually", "sometimes", and a history of a store.
test.each(['raft-failover.yaml', 'docker-cluster.yaml', 'router-pair.yaml'])(
  'a run of %s that is gone on with from any of its saves comes to the same report and the same trace',
  async (name) => {
    const whole = traced(name);
    const all = await linesOf(whole.bytes);
    expect(whole.saves.length).toBeGreaterThan(1);
    for (const save of [whole.saves[0], whole.saves.at(-1)]) {
      const rest = traced(name, save);
      expect({ ...rest.report, findings: [] }).toEqual({ ...whole.report, findings: [] });
      // A history of a store whose beginning was not heard says nothing.
      const found = ({ report }: typeof rest) =>
        report.findings.filter(({ kind }) => kind !== 'whole').map(({ check, verdict, at }) => ({ check, verdict, at }));
      expect(found(rest)).toEqual(found(whole));
      expect(rest.report.findings.filter(({ kind }) => kind === 'whole').map(({ verdict }) => verdict)).not.toContain('violated');
      expect(await linesOf(rest.bytes)).toEqual(all);
    }
  },
);
