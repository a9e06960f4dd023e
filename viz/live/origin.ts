import type { Place } from '../model/link.ts';
import { MOST_LINK, packRecipe, type Recipe } from '../model/recipe.ts';
import type { TracePlace } from '../model/source.ts';
import type { Story } from '../model/stories.ts';
import type { App } from '../view/app.ts';
import type { Course } from './course.ts';
import type { Entry, Judged, Judgement, Prepared } from './messages.ts';
import { VERSION } from './version.ts';

/** Where the run that is shown comes from, as far as it can be made again here. */
export interface Origin {
  /** The page that shows it. */
  readonly shell: Shell;
  readonly recipe: Recipe;
  readonly prepared: Prepared;
  /** What it came to; undefined while it goes on. */
  readonly judged: Judged | undefined;
  /** What its failure is compared with: how it failed when it was recorded, or when it was run here first. */
  readonly reference: Judgement | undefined;
  /** The trace of the run that this one is an edition of. */
  readonly before: TracePlace | undefined;
  /** The controls of a run that goes on. */
  readonly course: Course | undefined;
  /** Entries that were left out of it, to be put back. */
  readonly leftOut: readonly Entry[];
  /** The guided story that is being told. */
  readonly story: Story | undefined;
  /** The part of the address that holds the run; empty when it is too large for one. */
  link: string;
}

/** What the page offers to those who make runs. */
export interface Shell {
  /** Opens a trace. @param place where to look; where the address says when absent */
  show(trace: TracePlace, origin: Origin, place?: Place): Promise<App | undefined>;
  complain(sentence: string): void;
  /** Says that something takes a while, and how to stop it, or that it is done. */
  busy(text: string | undefined, stop?: () => void): void;
}

/** The part of an address that holds a run; empty when it is too large for one. */
export async function linkOf(recipe: Recipe, fingerprint: string | undefined): Promise<string> {
  const packed = await packRecipe({ ...recipe, version: VERSION, ...(fingerprint === undefined ? {} : { fingerprint }) });
  return packed.length > MOST_LINK ? '' : `&run=${packed}`;
}
