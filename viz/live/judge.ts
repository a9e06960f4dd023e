import { thrown } from '../../sim/campaign/breakdown.ts';
import { type Failure, failureOf, isSame } from '../../sim/campaign/failure.ts';
import { describeIntervention } from '../../sim/intervention/intervention.ts';
import { isDecisive, runOf } from '../../sim/replay/case.ts';
import { Checkpointing, intervalFor } from '../../sim/replay/checkpoints.ts';
import { scenarioHash } from '../../sim/replay/replay.ts';
import { writeReplay } from '../../sim/replay/write.ts';
import { begin, type Report } from '../../sim/run/run.ts';
import { tracing } from '../../sim/run/tracing.ts';
import { overall } from '../../sim/run/verdict.ts';
import { Memory } from '../../sim/trace/sink.ts';
import { type Dish, registryFor } from './cook.ts';
import type { Judged } from './messages.ts';

/** Stands in for the engine in the head of a trace: traces of the page are the same whichever browser made them. */
export const ENGINE = 'browser';

/**
 * Runs a dish from its start to its end, writes its trace, judges it and makes the file that repeats it. Yields the part that is done; sent
 * `'stop'`, it gives up.
 */
export function* judge(dish: Dish, version: string): Generator<number, Judged | undefined, 'stop' | undefined> {
  const { plan, case: of, text, name, scenario, replay } = dish;
  const sink = new Memory();
  const trace = tracing(
    { ...plan, interventions: of.interventions },
    { sink, seed: of.seed, name, text, version, engine: ENGINE },
  );
  let checkpoints: Checkpointing | undefined;
  const running = begin(plan, {
    ...runOf(of),
    registry: registryFor(replay),
    ...(of.check === undefined ? {} : { enough: (finding) => isDecisive(of, finding) }),
    listen: (parts) => {
      checkpoints = new Checkpointing(parts.names, intervalFor(plan.end));
      return [...trace.listen(parts), checkpoints];
    },
  });
  const nodes = plan.topology.nodes.map((node) => node.name);
  let now = 0;
  let report: Report;
  try {
    for (;;) {
      const { done, value } = running.next();
      if (done) {
        report = value;
        break;
      }
      now = value;
      if ((yield now / plan.end) === 'stop') return undefined;
    }
  } catch (error) {
    const failure = thrown(error, now as never, nodes);
    return {
      ...judgement('violated', '', version, failure),
      ...comparison(replay?.failure, failure),
      trace: new Blob(),
      file: '',
    };
  }
  trace.close(report);
  const failure = failureOf({ findings: report.findings.filter((finding) => isDecisive(of, finding)) }, nodes);
  const verdict = failure === undefined ? overall(report.findings, of.check !== undefined) : 'violated';
  const file = writeReplay({
    partita: version,
    scenario: { name, hash: scenarioHash(scenario.data), text },
    ...(replay?.rules === undefined ? {} : { rules: replay.rules }),
    case: of,
    verdict,
    ...(failure === undefined ? {} : { failure }),
    fingerprint: report.fingerprint,
    checkpoints: (checkpoints as Checkpointing).finish(report.end),
  });
  return {
    ...judgement(verdict, report.fingerprint, version, failure),
    idle: report.unapplied.map(({ intervention, reason }) => `${describeIntervention(intervention)}: ${reason}`),
    ...comparison(replay?.failure, failure),
    trace: new Blob([sink.content() as Uint8Array<ArrayBuffer>]),
    file,
  };
}

const judgement = (verdict: Judged['verdict'], fingerprint: string, version: string, failure: Failure | undefined) => ({
  verdict,
  fingerprint,
  version,
  ...(failure === undefined ? {} : { failure }),
  idle: [],
});

/** Whether a run still fails as one did that was recorded. */
function comparison(recorded: Failure | undefined, failure: Failure | undefined): Pick<Judged, 'compared'> {
  if (recorded === undefined) return {};
  return { compared: isSame(recorded, failure) ? 'same' : failure === undefined ? 'none' : 'different' };
}
