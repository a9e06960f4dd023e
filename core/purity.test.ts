import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { IMPURE_MATH, LOCAL_METHODS } from './laws/impure.ts';

/*
 * Where a run must not depend on the machine, what the types cannot hide is looked for by its name: in all of core and
 * sim but their tests and the two folders that deal with Node.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const FREE = ['sim/cli/', 'sim/node/'];
const IN_THE_LOOP = ['core/', 'sim/engine/', 'sim/network/', 'sim/host/'];
/** The stand-ins are put in place of the globals. */
const STAND_INS = 'core/laws/impure.ts';

/** Those that every engine has. Of the others no type is known in core and sim, so that they do not compile. */
const IMPURE_GLOBALS = [
  'Date',
  'Intl',
  'Temporal',
  'WeakRef',
  'FinalizationRegistry',
  'performance',
  'console',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'queueMicrotask',
];

interface Ban {
  readonly pattern: RegExp;
  readonly reason: string;
  readonly applies: (file: string) => boolean;
}

const everywhere = (): boolean => true;
const words = (names: readonly string[]): string => names.join('|');

const bans: readonly Ban[] = [
  { pattern: new RegExp(`(?<![.\\w$])(${words(IMPURE_GLOBALS)})(?![\\w$])(?!\\??:)`), reason: 'is impure', applies: everywhere },
  { pattern: /(?<![.\w$])globalThis\b/, reason: 'hides what is used', applies: (file) => file !== STAND_INS },
  {
    pattern: new RegExp(`\\bMath\\s*\\.\\s*(${words(IMPURE_MATH)})\\b`),
    reason: 'is not the same on every engine: see core/math.ts',
    applies: everywhere,
  },
  { pattern: /\bMath\b(?!\s*\.)/, reason: 'hides which functions are used', applies: (file) => file !== STAND_INS },
  {
    pattern: new RegExp(`\\.\\s*(${words(LOCAL_METHODS)})\\b`),
    reason: 'speaks the language of the machine',
    applies: everywhere,
  },
  {
    pattern: /(?<!(?<![.\w])\d+n?\s*)\*\*|\*\*(?!\s*(-?\d+n?|[A-Z][A-Z_]*)(?![.\w]))/,
    reason: 'is not the same on every engine but for whole constants: see core/math.ts',
    applies: everywhere,
  },
  {
    pattern: /\b(async|await|Promise)\b/,
    reason: 'leaves the order of events to the engine',
    applies: (file) => IN_THE_LOOP.some((folder) => file.startsWith(folder)),
  },
];

/** What is banned in a source, as `file:line: what reason`. */
function banned(file: string, source: string): string[] {
  const lines = withoutText(source).split('\n');
  return lines.flatMap((line, index) =>
    bans.flatMap(({ pattern, reason, applies }) => {
      const match = applies(file) ? pattern.exec(line) : null;
      return match === null ? [] : [`${file}:${index + 1}: ${match[0]} ${reason}`];
    }),
  );
}

/** After one of these a slash begins a regular expression, after anything else it divides. */
const BEFORE_EXPRESSION = /(^|[(,=:[!&|?{};+\-*%<>~^]|\b(return|typeof|case|in|of|do|else|void|delete))\s*$/;

/** The source with all comments, texts and regular expressions turned to blanks, each line as long as it was. */
function withoutText(source: string): string {
  let code = '';
  let at = 0;
  const blank = (until: number): void => {
    code += source.slice(at, until).replace(/[^\n]/g, ' ');
    at = until;
  };
  const match = (pattern: RegExp): number => {
    pattern.lastIndex = at;
    return pattern.test(source) ? pattern.lastIndex : source.length;
  };
  /** Copies code up to the brace that closes this level, texts within it blanked. */
  const copyCode = (): void => {
    for (let depth = 0; at < source.length; ) {
      const char = source[at] as string;
      if (char === '}' && depth-- === 0) return;
      if (char === '{') depth++;
      if (source.startsWith('//', at)) blank(match(/(?=\n)/g));
      else if (source.startsWith('/*', at)) blank(match(/\*\//g));
      else if (char === "'" || char === '"') blank(match(char === "'" ? /'(?:[^'\\]|\\.)*'/gs : /"(?:[^"\\]|\\.)*"/gs));
      else if (char === '`') copyTemplate();
      else if (char === '/' && BEFORE_EXPRESSION.test(code)) blank(match(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/\w*/g));
      else {
        code += char;
        at++;
      }
    }
  };
  const copyTemplate = (): void => {
    blank(at + 1);
    while (at < source.length) {
      blank(match(/(?=`|\$\{)|\\./gs));
      if (source[at] === '`') return blank(at + 1);
      if (!source.startsWith('${', at)) continue;
      blank(at + 2);
      copyCode();
      blank(at + 1);
    }
  };
  while (at < source.length) copyCode();
  return code;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.endsWith('.d.ts'))
    .filter((file) => !FREE.some((free) => file.startsWith(free)))
    .toSorted();
}

describe('the source of core and sim', () => {
  const files = [...sourceFiles('core'), ...sourceFiles('sim')];

  test('is found', () => {
    expect(files).toContain('core/echo/echo.ts');
    expect(files).toContain('sim/engine/simulation.ts');
  });

  test('touches nothing impure', () => {
    expect(files.flatMap((file) => banned(file, readFileSync(join(root, file), 'utf8')))).toEqual([]);
  });
});

describe('what is looked for', () => {
  test.each([
    ['const now = Date.now();', 'Date'],
    ['const { now } = Date;', 'Date'],
    ['if (when instanceof Date) x();', 'Date'],
    ['globalThis.Date.now();', 'globalThis'],
    ['Math.random()', 'Math.random'],
    ['Math . log10(x)', 'Math . log10'],
    ['const { log } = Math;', 'Math'],
    ["Math['log'](2)", 'Math'],
    ['x ** 0.5', '**'],
    ['2 ** x', '**'],
    ['x **= 2', '**'],
    ['1.5 ** 2', '**'],
    ['performance.now()', 'performance'],
    ['setTimeout(f, 0)', 'setTimeout'],
    ['queueMicrotask(f)', 'queueMicrotask'],
    ['console.log(1)', 'console'],
    ['a.localeCompare(b)', '.localeCompare'],
    ['n.toLocaleString()', '.toLocaleString'],
    ['new Intl.Collator()', 'Intl'],
    ['new WeakRef(x)', 'WeakRef'],
    [`\`\${Date.now()}\``, 'Date'],
    [`\`\${\`\${{ a: \`\${Math.sin(1)}\` }.a}\`}\``, 'Math.sin'],
    ['/* a */ Date /* b */', 'Date'],
    ['a / b; Date; c / d', 'Date'],
    ['async function f() {}', 'async'],
    ['await x', 'await'],
    ['Promise.resolve()', 'Promise'],
  ])('is found in "%s"', (source, what) => {
    expect(banned('core/x.ts', `\n${source}\n`)).toEqual([
      expect.stringMatching(`^core/x\\.ts:2: ${what.replace(/[.*]/g, '\\$&')} `),
    ]);
  });

  test.each([
    '// Date',
    '/* Date\n * Math.random() */',
    "'Date' + \"it's Date\" + 'don\\'t Date'",
    `\`Date \${x} Date \\\` Date \\\${Date}\``,
    'x = /Date/; y = [/[/]Date/g]; return /\\/Date/',
    'update(); state.Date; candidate; DateTime',
    'Math.sqrt(2) + Math.floor(x) + Math.imul(1, 2) + Math.PI',
    '2 ** 32 + 10n ** 30n + 2 ** BITS',
    'a / 2 / b // Date',
    'asynchronous; awaited',
  ])('is not found in "%s"', (source) => {
    expect(banned('core/x.ts', source)).toEqual([]);
  });

  test('is told with file and line', () => {
    const source = "/*\n two\n lines */ const a = `\n`;\nconst c = 'x'; Date.now(); Math.random();\n";
    expect(banned('sim/run/x.ts', source)).toEqual([
      'sim/run/x.ts:5: Date is impure',
      'sim/run/x.ts:5: Math.random is not the same on every engine: see core/math.ts',
    ]);
  });

  test('may wait outside the loop of events', () => {
    expect(banned('sim/run/x.ts', 'await x')).toEqual([]);
    expect(banned('sim/engine/x.ts', 'await x')).toHaveLength(1);
  });
});
