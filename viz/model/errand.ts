import type { ExportOrder, ExportPiece } from './export.ts';
import type { OutlinePiece } from './outline.ts';
import type { PastPiece } from './past.ts';
import type { Found } from './search.ts';
import type { TracePlace } from './source.ts';

/** What a worker is asked to do with a trace. Errands are told apart by their numbers. */
export type Errand =
  /** To open it, once, before anything else. */
  | { readonly type: 'open'; readonly place: TracePlace }
  | { readonly type: 'search'; readonly errand: number; readonly filter: string }
  | { readonly type: 'past'; readonly errand: number }
  | { readonly type: 'outline'; readonly errand: number }
  | { readonly type: 'export'; readonly errand: number; readonly order: ExportOrder }
  | { readonly type: 'cancel'; readonly errand: number };

/** What it answers: pieces of a result, the last of them `done`. */
export type Answer =
  | { readonly type: 'found'; readonly errand: number; readonly found: Found }
  | { readonly type: 'past'; readonly errand: number; readonly piece: PastPiece }
  | { readonly type: 'outline'; readonly errand: number; readonly piece: OutlinePiece }
  | { readonly type: 'export'; readonly errand: number; readonly piece: ExportPiece }
  | { readonly type: 'problem'; readonly errand: number; readonly says: string }
  | { readonly type: 'done'; readonly errand: number };
