import { Document, isCollection, isMap, isScalar, Scalar, visit } from 'yaml';
import { describeIntervention } from '../intervention/intervention.ts';
import { inputOf, timeOf } from './entry.ts';
import type { Replay } from './replay.ts';
import { FORMAT, type ReplayInput } from './schema.ts';

/** A replay as the text of a file: what failed, and an intervention on each line. */
export function writeReplay(replay: Replay): string {
  const document = new Document(replayInput(replay), { version: '1.2', schema: 'core', aliasDuplicateObjects: false });
  const { failure, case: of } = replay;
  const title = [
    ...(failure === undefined ? [] : [`${failure.check}: ${failure.says}`]),
    ...of.interventions.map((each) => `  ${describeIntervention(each)}`),
  ];
  document.commentBefore = title.flatMap((line) => line.split('\n').map((part) => ` ${part}`)).join('\n');
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && isMap(value) && (key.value === 'quiet' || key.value === 'checkpoints'))
        value.flow = key.value === 'quiet';
      if (isScalar(key) && isScalar(value) && key.value === 'text') value.type = Scalar.BLOCK_LITERAL;
    },
    Seq: (key, sequence) => {
      if (key === 'value') for (const item of sequence.items) if (isCollection(item)) item.flow = true;
      if (sequence.items.every(isScalar)) sequence.flow = true;
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: true });
}

function replayInput(replay: Replay): ReplayInput {
  const { seed, interventions, quiet, check, until, nominal, without, instead } = replay.case;
  const { failure, checkpoints } = replay;
  return defined({
    replay: FORMAT,
    partita: replay.partita,
    cause: replay.cause,
    scenario: defined(replay.scenario),
    rules: replay.rules,
    seed,
    check,
    until: until === undefined ? undefined : timeOf(until),
    quiet: quiet === undefined ? undefined : { from: timeOf(quiet.from), hosts: [...quiet.hosts] },
    nominal: nominal === undefined || nominal.length === 0 ? undefined : [...nominal],
    without: without === undefined || without.length === 0 ? undefined : without.map(({ step, was }) => ({ step, was })),
    instead:
      instead === undefined || instead.length === 0 ? undefined : instead.map(({ step, was, run }) => ({ step, was, run })),
    interventions: interventions.map(inputOf),
    verdict: replay.verdict,
    failure: failure === undefined ? undefined : { ...failure, at: timeOf(failure.at) },
    fingerprint: replay.fingerprint,
    checkpoints: { every: timeOf(checkpoints.every), marks: shortMarks(checkpoints.marks) },
  }) as ReplayInput;
}

/** Where nothing has happened since the one before, a mark is `=`. */
const shortMarks = (marks: readonly string[]): string =>
  marks.map((mark, place) => (mark === marks[place - 1] ? '=' : mark)).join(' ');

const defined = <T extends object>(fields: T): T =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
