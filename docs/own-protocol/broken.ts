import { payments } from './payments.ts';
export default payments(() => true); // what comes again is booked again
