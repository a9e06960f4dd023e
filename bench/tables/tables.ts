import { crashes } from './crashes.ts';
import { elections } from './elections.ts';
import { formulas } from './formulas.ts';
import { lifeguard } from './lifeguard.ts';
import type { BehaviourTable } from './row.ts';
import { spread } from './spread.ts';
import { swim } from './swim.ts';
import { upstream } from './upstream.ts';

/** All behaviour tables: figures from papers, calculators and upstream's own tests beside ours. */
export const TABLES: readonly BehaviourTable[] = [formulas, crashes, spread, swim, lifeguard, upstream, elections];
