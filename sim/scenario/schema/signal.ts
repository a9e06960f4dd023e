import { z } from 'zod';

/** The signals that processes understand. */
export const signal = z.enum(['HUP', 'INT', 'QUIT', 'KILL', 'USR1', 'USR2', 'TERM', 'CONT', 'STOP']);
