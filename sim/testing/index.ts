export { laws } from '../../core/laws.ts';
export { StoreHistory } from '../linearizability/history.ts';
export type { Limits, Model, Operation } from '../linearizability/model.ts';
export { type Answer, search } from '../linearizability/search.ts';
export { type Call, checkStore, LIMITS, type StoreVerdict } from '../linearizability/store.ts';
export { failingWindow, type Window } from '../linearizability/window.ts';
export { describeViolation } from '../linearizability/words.ts';
export { type FaultSpace, faultPlans, faultSpaceOf } from './faults.ts';
