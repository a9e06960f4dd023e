import { formatInstant, type Instant } from '../../core/time.ts';
import type { Failure } from '../campaign/failure.ts';
import { describeEntry } from '../engine/entry.ts';
import { describeIntervention } from '../intervention/intervention.ts';
import { version } from '../node/package-info.ts';
import type { ReadReplay } from '../node/replay-file.ts';
import type { Repetition } from '../replay/repeat.ts';
import { scenarioHash } from '../replay/replay.ts';
import type { Terminal } from './terminal.ts';

const seconds = (instant: Instant): string => `${formatInstant(instant, 3)} s`;
const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

/** What became of a recorded run, for people. */
export function printRepetition(
  read: ReadReplay,
  repetition: Repetition,
  { name, path }: { readonly name: string; readonly path: string },
  { people, style }: Terminal,
): void {
  const { replay, scenario } = read;
  const { seed, interventions } = replay.case;
  people(
    `${style('bold', name)}: seed ${seed}, ${count(interventions.length, 'intervention')}, recorded by Partita ${replay.partita}`,
  );
  for (const each of interventions) people(`  ${describeIntervention(each)}`);
  if (replay.rules !== undefined) people(`  with a bug on purpose: ${replay.rules}`);
  if (replay.cause !== undefined) people(`  ${replay.cause}`);
  for (const note of notes(read)) people(`${style('yellow', 'Note:')} ${note}`);
  people('');
  for (const line of verdictInWords(read, repetition)) people(line);
  const { unapplied, strangers, parting, isErratic } = repetition;
  const idle = unapplied.length + strangers.length;
  if (idle > 0) {
    const { without = [], instead = [] } = replay.case;
    people(`did not apply: ${idle} of ${interventions.length + without.length + instead.length}`);
    for (const { index, intervention, reason } of unapplied)
      people(`  intervention ${index + 1}, ${describeIntervention(intervention)}: ${reason}`);
    for (const { step, was } of strangers) people(`  step ${step}, ${was}: this step is another one now`);
  }
  if (parting !== undefined) {
    const { topology } = scenario.plan;
    const node = (place: number): string => topology.nodes[place]?.name ?? String(place);
    people(`It first went another way between ${seconds(parting.from)} and ${seconds(parting.to)}.`);
    people(
      parting.events.length === 0
        ? '  Nothing happens there now.'
        : '  One of these is not what it was, or something before it is missing:',
    );
    for (const event of parting.events) people(`    ${describeEntry(event, node)}`);
  } else if (repetition.fingerprint === replay.fingerprint)
    people(`It is the recorded run, with the fingerprint ${replay.fingerprint}.`);
  else people('At every checkpoint it was the recorded run.');
  if (isErratic) people('Run once more it went another way again: something in it depends on what is outside of the world.');
  if (repetition.failure === undefined) return;
  people('');
  people('To look at it:');
  people(`  npx partita replay ${path} --trace failure.partita && npx partita view failure.partita`);
}

/** What about the recording is not as it is here. */
function notes({ replay, isOther, hasChanged }: ReadReplay): string[] {
  return [
    ...(replay.partita === version ? [] : [`this is Partita ${version}; what it does may differ.`]),
    ...(isOther ? ['this is another scenario than the recorded one; interventions may not apply.'] : []),
    ...(hasChanged ? [`${replay.scenario.file} has changed since. This is how it was; --scenario takes the new one.`] : []),
  ];
}

const OUTCOMES = {
  same: 'It still fails in the same way.',
  differently: 'It fails, but in another way.',
  'no longer': 'It no longer fails.',
  'fails now': 'It held when it was recorded, and fails now.',
} as const satisfies Record<Repetition['outcome'], string>;

function verdictInWords({ replay }: ReadReplay, { outcome, failure, verdict }: Repetition): string[] {
  const isSame = outcome === 'same' && failure === undefined;
  const says = isSame ? `It ${verdict === 'held' ? 'holds' : 'is inconclusive'}, as it was recorded.` : OUTCOMES[outcome];
  return [
    says,
    ...(failure === undefined ? [] : [`  now:      ${inWords(failure)}`]),
    ...(replay.failure === undefined || outcome === 'same' ? [] : [`  recorded: ${inWords(replay.failure)}`]),
  ];
}

const inWords = ({ check, at, says }: Failure): string => `${check} violated at ${seconds(at)}: ${says}`;

/** The same as data. Equal runs give equal JSON. */
export function repetitionJson({ replay, scenario, isOther, hasChanged }: ReadReplay, repetition: Repetition): object {
  const { outcome, verdict, failure, fingerprint, unapplied, strangers, parting, isErratic } = repetition;
  const { topology } = scenario.plan;
  const inSeconds = (instant: Instant): number => instant / 1e9;
  const written = (each: Failure | undefined) => (each === undefined ? null : { ...each, at: inSeconds(each.at) });
  return {
    partita: version,
    outcome,
    verdict,
    failure: written(failure),
    fingerprint,
    unapplied: unapplied.map(({ index, intervention, reason }) => ({ index, does: describeIntervention(intervention), reason })),
    strangers,
    parting:
      parting === undefined
        ? null
        : {
            from: inSeconds(parting.from),
            to: inSeconds(parting.to),
            events: parting.events.map((event) => describeEntry(event, (node) => topology.nodes[node]?.name ?? String(node))),
          },
    isErratic,
    scenario: { hash: scenarioHash(scenario.data), isOther, hasChanged },
    recorded: {
      partita: replay.partita,
      verdict: replay.verdict,
      failure: written(replay.failure),
      fingerprint: replay.fingerprint,
    },
  };
}
