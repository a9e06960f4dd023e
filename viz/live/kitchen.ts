import type { Place } from '../model/link.ts';
import type { Recipe } from '../model/recipe.ts';
import type { TracePlace } from '../model/source.ts';
import type { Story } from '../model/stories.ts';
import type { App } from '../view/app.ts';
import { mistakeText } from './attempt.ts';
import { Course } from './course.ts';
import type { Entry, Judgement, Prepared } from './messages.ts';
import { linkOf, type Origin, type Shell } from './origin.ts';
import { simulator } from './simulator.ts';
import { VERSION } from './version.ts';

/** What is known of a run beside its recipe before it is made. */
export interface Past {
  readonly reference?: Judgement | undefined;
  readonly before?: TracePlace | undefined;
  readonly leftOut?: readonly Entry[];
  readonly story?: Story | undefined;
  /** Where to look. */
  readonly place?: Place | undefined;
}

/**
 * Runs a recipe to its end and shows it.
 *
 * @throws SimulatorError when it cannot be run
 */
export async function serveRun(recipe: Recipe, shell: Shell, past: Past = {}): Promise<App | undefined> {
  const stopping = new AbortController();
  const busy = (text: string): void => shell.busy(text, () => stopping.abort());
  busy('Simulating …');
  try {
    const prepared = await simulator.call('prepare', { recipe });
    const judged = await simulator.call(
      'judge',
      { recipe },
      { signal: stopping.signal, progress: (part) => busy(`Simulating … ${Math.floor(100 * part)} %`) },
    );
    const origin: Origin = {
      shell,
      recipe,
      prepared,
      judged,
      reference: past.reference ?? prepared.recorded ?? judged,
      before: past.before,
      leftOut: past.leftOut ?? [],
      course: undefined,
      story: past.story,
      link: await linkOf(recipe, judged.fingerprint),
    };
    if (judged.trace.size === 0) throw new Error(judged.failure?.says ?? 'The run broke down.');
    const app = await shell.show({ blob: judged.trace }, origin, past.place);
    if (recipe.fingerprint !== undefined && recipe.fingerprint !== judged.fingerprint) shell.complain(otherRun(recipe));
    else warn(prepared, shell);
    return app;
  } finally {
    shell.busy(undefined);
  }
}

/**
 * Begins a run that goes on while it is looked at.
 *
 * @param at an instant of it to begin at; its start when absent
 * @throws SimulatorError when it cannot be run
 */
export async function serveLive(recipe: Recipe, shell: Shell, at = 0, place?: Place): Promise<App | undefined> {
  shell.busy('Starting …');
  try {
    const prepared = await simulator.call('start', { recipe });
    if (at > 0)
      await simulator.call('fork', { at }, { progress: (part) => shell.busy(`Going there … ${Math.floor(100 * part)} %`) });
    const course = new Course(recipe, shell);
    const { trace } = await simulator.call('look', {});
    const link = await linkOf(recipe, undefined);
    const origin: Origin = {
      shell,
      recipe,
      prepared,
      judged: undefined,
      reference: undefined,
      before: undefined,
      leftOut: [],
      course,
      story: undefined,
      link,
    };
    const app = await shell.show({ blob: trace }, origin, place ?? { instant: at as never });
    if (app !== undefined) await course.attach(app, origin);
    warn(prepared, shell);
    return app;
  } finally {
    shell.busy(undefined);
  }
}

/** Says what in a scenario may not be meant so. */
function warn({ warnings }: Prepared, shell: Shell): void {
  const [first] = warnings;
  if (first === undefined) return;
  const more = warnings.length > 1 ? ` There are ${warnings.length - 1} more.` : '';
  shell.complain(`The scenario runs, but may not be meant so. ${mistakeText(first)}${more}`);
}

function otherRun({ version }: Recipe): string {
  const made =
    version === undefined || version === VERSION ? '' : ` It was made with Partita ${version}; this page is ${VERSION}.`;
  return `This is not the run that the link was made of: its fingerprint differs.${made} Instants and events of the link may mean something else.`;
}
