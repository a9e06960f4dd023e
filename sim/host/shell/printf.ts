/** What `printf` or `echo` writes, and what was wrong with its arguments. */
export interface Formatted {
  readonly text: string;
  readonly complaints: readonly string[];
}

const SPECIFICATION = /%([-+ 0#]*)(\d+|\*)?(?:\.(\d+))?([sdiuxXocb%])/y;
const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

/** Why a format cannot be used; undefined when it can. */
export function formatProblem(format: string): string | undefined {
  for (let i = format.indexOf('%'); i >= 0; i = format.indexOf('%', i)) {
    SPECIFICATION.lastIndex = i;
    const match = SPECIFICATION.exec(format);
    if (match === null || match[2] === '*') {
      return `\`${format.slice(i, i + 4)}\` is no conversion of printf that is known here; known are %s %b %c %d %i %u %x %X %o %%`;
    }
    i = SPECIFICATION.lastIndex;
  }
  return undefined;
}

/** Writes arguments as a format says, again and again while arguments are left (POSIX printf). Missing ones are empty or 0. */
export function printf(format: string, args: readonly string[]): Formatted {
  const complaints: string[] = [];
  let text = '';
  let next = 0;
  do {
    const before = next;
    for (let i = 0; i < format.length; ) {
      if (format[i] === '\\') {
        const { text: escaped, length } = escapeAt(format, i, false);
        text += escaped;
        i += length;
        continue;
      }
      SPECIFICATION.lastIndex = i;
      const match = format[i] === '%' ? SPECIFICATION.exec(format) : null;
      if (match === null) {
        text += format[i];
        i++;
        continue;
      }
      const [whole, flags = '', width = '0', precision, conversion] = match;
      i += whole.length;
      if (conversion === '%') {
        text += '%';
        continue;
      }
      const argument = args[next++] ?? '';
      if (conversion === 'b') {
        const { text: expanded, stop } = escapes(argument);
        text += pad(expanded.slice(0, precision === undefined ? undefined : Number(precision)), flags, Number(width), false);
        if (stop) return { text, complaints };
      } else {
        const numeric = conversion !== 's' && conversion !== 'c';
        text += pad(convert(conversion as string, argument, flags, precision, complaints), flags, Number(width), numeric);
      }
    }
    if (next === before) break;
  } while (next < args.length);
  return { text, complaints };
}

/** What `echo` writes: `-n` leaves the line feed out; escapes are read, as in the `sh` of Debian. */
export function echo(args: readonly string[]): string {
  const newline = args[0] !== '-n';
  const { text, stop } = escapes((newline ? args : args.slice(1)).join(' '));
  return newline && !stop ? `${text}\n` : text;
}

/** Reads the escapes of `echo` and `%b`; `\c` ends all output. */
function escapes(text: string): { text: string; stop: boolean } {
  let out = '';
  for (let i = 0; i < text.length; ) {
    if (text[i] !== '\\') {
      out += text[i];
      i++;
    } else if (text[i + 1] === 'c') {
      return { text: out, stop: true };
    } else {
      const { text: escaped, length } = escapeAt(text, i, true);
      out += escaped;
      i += length;
    }
  }
  return { text: out, stop: false };
}

/** One escape; octal is `\0ddd` in text and `\ddd` in a format. */
function escapeAt(text: string, at: number, zero: boolean): { text: string; length: number } {
  const octal = zero ? /\\0([0-7]{0,3})/y : /\\([0-7]{1,3})/y;
  octal.lastIndex = at;
  const match = octal.exec(text);
  if (match !== null) return { text: String.fromCharCode(Number.parseInt(match[1] || '0', 8) & 0xff), length: match[0].length };
  const known = ESCAPES[text[at + 1] ?? ''];
  if (known === undefined || (zero && text[at + 1] === '"')) return { text: '\\', length: 1 };
  return { text: known, length: 2 };
}

function convert(
  conversion: string,
  argument: string,
  flags: string,
  precision: string | undefined,
  complaints: string[],
): string {
  if (conversion === 's') return precision === undefined ? argument : argument.slice(0, Number(precision));
  if (conversion === 'c') return argument.slice(0, 1);
  let value = number(argument);
  if (Number.isNaN(value)) {
    complaints.push(`printf: ${argument}: expected numeric value`);
    value = Number.parseInt(/^[-+]?\d+/.exec(argument)?.[0] ?? '0', 10);
  }
  const base = conversion === 'o' ? 8 : conversion === 'x' || conversion === 'X' ? 16 : 10;
  const digits = Math.abs(value)
    .toString(base)
    .padStart(Number(precision ?? 1), '0');
  const sign = value < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return sign + (conversion === 'X' ? digits.toUpperCase() : digits);
}

/** A whole number as C writes it: decimal, 0x…, 0…; or a quoted character's code. */
function number(text: string): number {
  const quoted = /^['"](.)/su.exec(text);
  if (quoted !== null) return quoted[1]?.codePointAt(0) ?? 0;
  const match = /^\s*([-+]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9]\d*)$/.exec(text);
  if (match === null) return text === '' ? 0 : Number.NaN;
  const [, sign, digits = '0'] = match;
  const value = /^0[0-7]/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return sign === '-' ? -value : value;
}

function pad(text: string, flags: string, width: number, numeric: boolean): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0') || !numeric) return text.padStart(width);
  const sign = /^[-+ ]/.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}
