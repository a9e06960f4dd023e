import { styleText } from 'node:util';

/** Where a command writes: data for programs to `data`, text for people to `people`. */
export interface Terminal {
  data(text: string): void;
  people(line: string): void;
  /** Whether people see colours. */
  readonly colour: boolean;
  readonly style: Style;
  /** Shows how far a long job is: one line that is rewritten, or a line every ten seconds where there is no terminal. */
  progress(line: string): void;
  /** Removes the progress line. */
  done(): void;
}

type Format = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';
export type Style = (format: Format, text: string) => string;

/** Colour only where a person looks, and never against NO_COLOR (no-color.org). */
const wantsColour = (isTerminal: boolean): boolean => isTerminal && !process.env.NO_COLOR && process.env.TERM !== 'dumb';

export function processTerminal(): Terminal {
  const { stdout, stderr } = process;
  const colour = wantsColour(stderr.isTTY === true);
  // Whoever read our output, such as `head`, has had enough.
  stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 70));
  let shown = false;
  let lastLine = process.hrtime.bigint();
  const erase = () => {
    if (shown) stderr.write('\r\u001b[K');
    shown = false;
  };
  return {
    data: (text) => {
      stdout.write(text);
    },
    people: (line) => {
      erase();
      stderr.write(`${line}\n`);
    },
    colour,
    style: (format, text) => (colour ? styleText(format, text, { validateStream: false }) : text),
    progress: (line) => {
      if (stderr.isTTY) {
        erase();
        stderr.write(line.slice(0, (stderr.columns ?? 80) - 1));
        shown = true;
      } else if (process.hrtime.bigint() - lastLine > 10_000_000_000n) {
        lastLine = process.hrtime.bigint();
        stderr.write(`${line}\n`);
      }
    },
    done: erase,
  };
}
