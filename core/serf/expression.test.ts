import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExpression } from './expression.ts';

function found(expression: string, text: string): boolean | string {
  const parsed = parseExpression(expression);
  return typeof parsed === 'string' ? parsed : parsed.found(text);
}

describe('what is found in a text', () => {
  test.each`
    expression                | finds                     | misses
    ${''}                     | ${['', 'a']}              | ${[]}
    ${'web'}                  | ${['web', 'a webserver']} | ${['', 'we b', 'WEB']}
    ${'^web$'}                | ${['web']}                | ${['webs', 'aweb', 'web\n']}
    ${'^a|b$'}                | ${['ax', 'xb', 'ab']}     | ${['xax', 'bx']}
    ${'^(a|b)$'}              | ${['a', 'b']}             | ${['ab', '']}
    ${'a|'}                   | ${['', 'x']}              | ${[]}
    ${'a.c'}                  | ${['abc', 'aüc', 'a😀c']} | ${['ac', 'a\nc']}
    ${'(?s)a.c'}              | ${['a\nc']}               | ${[]}
    ${'(?m)^b$'}              | ${['a\nb\nc']}            | ${['a\nbb']}
    ${'^b$'}                  | ${['b']}                  | ${['a\nb\nc']}
    ${'\\Ab\\z'}              | ${['b']}                  | ${['a\nb']}
    ${'(?i)web'}              | ${['WEB', 'wEb']}         | ${['w']}
    ${'(?i:w)eb'}             | ${['Web']}                | ${['WEB']}
    ${'a(?i)b|c'}             | ${['aB', 'C']}            | ${['AB']}
    ${'(?i)a(?-i)b'}          | ${['Ab']}                 | ${['AB']}
    ${'^ab*c$'}               | ${['ac', 'abbbc']}        | ${['abb']}
    ${'^ab+?c$'}              | ${['abc', 'abbbc']}       | ${['ac']}
    ${'^ab?c$'}               | ${['ac', 'abc']}          | ${['abbc']}
    ${'^a{2}$'}               | ${['aa']}                 | ${['a', 'aaa']}
    ${'^a{2,}$'}              | ${['aa', 'aaaa']}         | ${['a']}
    ${'^(ab){1,2}$'}          | ${['ab', 'abab']}         | ${['', 'ababab']}
    ${'^a{0}$'}               | ${['']}                   | ${['a']}
    ${'^a{,2}$'}              | ${['a{,2}']}              | ${['a', 'aa']}
    ${'^a{x$'}                | ${['a{x']}                | ${['a']}
    ${'^(a*)*$'}              | ${['', 'aaa']}            | ${['b']}
    ${'^(|a)+$'}              | ${['', 'aa']}             | ${['b']}
    ${'[a-c]'}                | ${['b']}                  | ${['d', '-']}
    ${'[^a-c]'}               | ${['d', '-', '\n']}       | ${['a', 'b']}
    ${'[]a]'}                 | ${[']', 'a']}             | ${['b']}
    ${'[a-]'}                 | ${['a', '-']}             | ${['b']}
    ${'[\\d_]'}               | ${['7', '_']}             | ${['a']}
    ${'[[:alpha:]7]'}         | ${['x', '7']}             | ${['8', ':']}
    ${'[[:^digit:]]'}         | ${['x']}                  | ${['8']}
    ${'\\d\\D\\s\\S\\w\\W'}   | ${['1a bc!']}             | ${['aa bc!']}
    ${'\\bdb\\b'}             | ${['db', 'a db!']}        | ${['dbx', 'adb']}
    ${'\\Bb'}                 | ${['ab']}                 | ${['b']}
    ${'\\.\\*\\_\\-'}         | ${['.*_-']}               | ${['a']}
    ${'\\Qa.b\\E.'}           | ${['a.bx']}               | ${['axbx', 'a.b']}
    ${'\\x41\\x{42}\\103\\t'} | ${['ABC\t']}              | ${['abc\t']}
    ${'(?P<role>web)(?:db)'}  | ${['webdb']}              | ${['web']}
    ${'(?<role>web)'}         | ${['web']}                | ${['']}
  `('$expression', ({ expression, finds, misses }) => {
    for (const text of finds) expect(found(expression, text), text).toBe(true);
    for (const text of misses) expect(found(expression, text), text).toBe(false);
  });

  test('is what JavaScript finds, where both read an expression alike', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\w', '\\d', '^', '$', '\\b');
    const piece = fc
      .tuple(fc.array(fc.tuple(atom, fc.constantFrom('', '', '*', '+', '?', '{2}', '{1,2}')), { maxLength: 5 }), fc.boolean())
      .map(([atoms, grouped]) => {
        const text = atoms.map(([one, times]) => (/[\w.\]]$/.test(one) && one !== '\\b' ? one + times : one)).join('');
        return grouped ? `(${text})*` : text;
      });
    const expressions = fc.array(piece, { minLength: 1, maxLength: 3 }).map((pieces) => pieces.join('|'));
    fc.assert(
      fc.property(expressions, fc.string({ unit: fc.constantFrom('a', 'b', '1', ' '), maxLength: 8 }), (expression, text) => {
        expect(found(expression, text)).toBe(new RegExp(expression, 'u').test(text));
      }),
      { numRuns: 1000 },
    );
  });

  test('takes time that grows with the text and not with its powers', () => {
    // JavaScript would need some 2^1000 steps.
    expect(found('^(a|a)*(a*)*$', `${'a'.repeat(1000)}b`)).toBe(false);
  });
});

describe('what Go says of an expression that is none', () => {
  test.each`
    expression     | problem
    ${'(a'}        | ${'missing closing ): `(a`'}
    ${'a)'}        | ${'unexpected ): `a)`'}
    ${'[a'}        | ${'missing closing ]: `[a`'}
    ${'*a'}        | ${'missing argument to repetition operator: `*`'}
    ${'a|*'}       | ${'missing argument to repetition operator: `*`'}
    ${'a**'}       | ${'invalid nested repetition operator: `**`'}
    ${'[b-a]'}     | ${'invalid character class range: `b-a`'}
    ${'[[:foo:]]'} | ${'invalid character class range: `[:foo:]`'}
    ${'a{1001}'}   | ${'invalid repeat count: `{1001}`'}
    ${'a{2,1}'}    | ${'invalid repeat count: `{2,1}`'}
    ${'\\1'}       | ${'invalid escape sequence: `\\1`'}
    ${'\\k'}       | ${'invalid escape sequence: `\\k`'}
    ${'a\\'}       | ${'trailing backslash at end of expression: ``'}
    ${'(?=a)'}     | ${'invalid or unsupported Perl syntax: `(?=`'}
    ${'(?P<n'}     | ${'invalid named capture: `(?P<n`'}
  `('$expression', ({ expression, problem }) => {
    expect(found(expression, '')).toBe(`error parsing regexp: ${problem}`);
  });

  test('an expression is never more than it can be taken in', () => {
    expect(found('((a{1000}){1000}){1000}', 'a')).toContain('error parsing regexp: ');
    expect(found('('.repeat(5000) + ')'.repeat(5000), 'a')).toContain('error parsing regexp: ');
  });

  test('nothing that is written makes it throw', () => {
    const signs = fc.string({ unit: fc.constantFrom(...'ab1\\[](){}|*+?^$.,:-<>P=QEx'), maxLength: 20 });
    fc.assert(
      fc.property(signs, fc.string(), (expression, text) => {
        expect(['string', 'boolean']).toContain(typeof found(expression, text));
      }),
      { numRuns: 2000 },
    );
  });
});
