export { laws } from '../../core/laws.ts';
export { type FaultSpace, faultPlans, faultSpaceOf } from './faults.ts';
