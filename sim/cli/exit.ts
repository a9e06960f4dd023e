/** What the command line ends with (the numbers from 64 on are those of sysexits.h). */
export const Exit = {
  held: 0,
  violated: 1,
  inconclusive: 2,
  notDeterministic: 3,
  usage: 64,
  badInput: 65,
  inputMissing: 66,
  ourBug: 70,
  interrupted: 130,
} as const;

export type ExitCode = (typeof Exit)[keyof typeof Exit];

/** Ends a command with a sentence for the person who called it and the code for the program that did. */
export class CommandError extends Error {
  readonly exit: ExitCode;

  constructor(exit: ExitCode, message: string) {
    super(message);
    this.exit = exit;
  }
}
