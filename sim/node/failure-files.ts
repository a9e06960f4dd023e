import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { Instant } from '../../core/time.ts';
import { isFatal, isLivelock } from '../campaign/breakdown.ts';
import { type Failure, failureFingerprint } from '../campaign/failure.ts';
import type { Kit } from '../campaign/judge.ts';
import { runSafely } from '../campaign/safely.ts';
import { type Case, planOf, runOf } from '../replay/case.ts';
import { Checkpointing, intervalFor } from '../replay/checkpoints.ts';
import { scenarioHash } from '../replay/replay.ts';
import { writeReplay } from '../replay/write.ts';
import { tracing } from '../run/tracing.ts';
import { printScenario, type Scenario } from '../scenario/load.ts';
import { version } from './package-info.ts';
import { MissingFile } from './scenario-file.ts';
import { checksum, compressFile, FileSink } from './trace-file.ts';

/** The files that a failure leaves behind. */
export interface FailureFiles {
  /** To be repeated with `partita replay`. */
  readonly replay: string;
  /** The whole run; absent where it cannot be run to its end. */
  readonly trace: string | undefined;
}

/**
 * Writes a failing case down: as a replay file, and as a trace.
 *
 * @param path the scenario's file; absent when there is none
 * @throws MissingFile when they cannot be written
 */
export async function writeFailure(
  {
    scenario,
    path,
    kit,
    folder,
  }: { readonly scenario: Scenario; readonly path?: string; readonly kit: Kit; readonly folder: string },
  of: Case,
  failure: Failure,
): Promise<FailureFiles> {
  const name = path === undefined ? 'scenario' : basename(path).replace(/\.[^.]+$/, '');
  // What is in the way of a shell is not in the name.
  const check = failure.check.replace(/[^\w.-]+/g, '-');
  const stem = join(folder, `${name}-${check}-${failureFingerprint(failure)}`);
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw new MissingFile(`${folder} cannot be made: ${(error as Error).message}`);
  }
  const plan = planOf(scenario.plan, of);
  const every = intervalFor(of.until ?? plan.end);
  const trace = isFatal(failure) || isLivelock(failure) ? undefined : `${stem}.partita`;
  const sink = trace === undefined ? undefined : new FileSink(trace);
  const writing =
    sink === undefined
      ? undefined
      : tracing(
          { ...plan, interventions: of.interventions },
          {
            sink,
            seed: of.seed,
            name: plan.name ?? name,
            text: printScenario(scenario.data),
            version,
            engine: `Node ${process.versions.node}`,
            checksum,
          },
        );
  let checkpointing: Checkpointing | undefined;
  const report =
    writing === undefined
      ? undefined
      : runSafely(plan, {
          ...kit,
          ...runOf(of),
          enough: ({ check, verdict }) => verdict === 'violated' && check === failure.check,
          listen: (world) => {
            checkpointing = new Checkpointing(world.names, every);
            return [checkpointing, ...writing.listen(world)];
          },
        }).report;
  const end = report?.end ?? failure.at;
  if (report !== undefined) writing?.close(report);
  sink?.close();
  if (trace !== undefined) await compressFile(trace);
  const text = writeReplay({
    partita: version,
    scenario: {
      ...(plan.name === undefined ? {} : { name: plan.name }),
      ...(path === undefined ? {} : { file: relative(folder, path) }),
      hash: scenarioHash(scenario.data),
      ...(isEnough(path) ? { text: printScenario(scenario.data) } : {}),
    },
    case: of,
    verdict: 'violated',
    failure,
    fingerprint: report?.fingerprint ?? NONE,
    checkpoints: checkpointing?.finish(end as Instant) ?? { every, marks: [] },
  });
  writeFileSync(`${stem}.yaml`, text);
  return { replay: `${stem}.yaml`, trace };
}

/** The fingerprint of a run that never came to its end. */
const NONE = '0'.repeat(16);

/** Whether a scenario can be told by its text alone: it was no module, which may bring more than data. */
const isEnough = (path: string | undefined): boolean => path === undefined || /\.(ya?ml|json)$/.test(path);
