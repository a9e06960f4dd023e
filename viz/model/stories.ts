import type { Claim } from './claim.ts';
import type { Recipe } from './recipe.ts';

/** A moment of a story. */
export interface Scene {
  /** What to see, in a sentence or three. */
  readonly caption: string;
  /** Nanoseconds. */
  readonly at: number;
  readonly view?: string;
  readonly host?: string;
  readonly focus?: { readonly from: number; readonly to: number };
  /** What must be so in the run for the caption to be true. */
  readonly claims: readonly Claim[];
}

/** A run with captions at moments of it. The run is made when the story is told, so that what is told is what happens. */
export interface Story {
  readonly id: string;
  readonly title: string;
  /** What one learns, in a sentence. */
  readonly about: string;
  readonly recipe: Recipe;
  readonly scenes: readonly Scene[];
}

export const STORIES: readonly Story[] = [];
