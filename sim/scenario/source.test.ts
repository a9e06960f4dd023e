import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { formatProblem } from './problem.ts';
import { readSource } from './source.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const problemsOf = (input: string | Uint8Array) => readSource(input, 'world.yaml').problems.map(formatProblem);
const read = (text: string) => readSource(text).value;

describe('files that cannot be read', () => {
  test('100 MB are refused before they are read', () => {
    expect(problemsOf(new Uint8Array(100 * 1024 * 1024))).toEqual([
      'world.yaml: The file has 100 MB, and a scenario at most 4 MB. If it is a trace, open it with `partita view` or `partita log`.',
    ]);
  });

  test('one byte more than the limit is not the limit', () => {
    expect(problemsOf(new Uint8Array(4 * 1024 * 1024 + 1))[0]).toContain('has 4.1 MB');
  });

  test.each`
    name                    | input                                     | problem
    ${'Latin-1'}            | ${[...bytes('a: 1\nname: '), 0xe9, 0x74]} | ${'world.yaml:2:7: The file is not UTF-8 text: byte 0xE9 cannot be there. Save it as UTF-8.'}
    ${'UTF-16'}             | ${[0xff, 0xfe, 0x61, 0x00]}               | ${'world.yaml:1:1: The file is not UTF-8 text: byte 0xFF cannot be there. It looks like UTF-16. Save it as UTF-8.'}
    ${'after wide letters'} | ${[...bytes('# 🎻é\r\n# 🎻'), 0x80]}      | ${'world.yaml:2:5: The file is not UTF-8 text: byte 0x80 cannot be there. Save it as UTF-8.'}
  `('bytes that are no UTF-8: $name', ({ input, problem }) => {
    expect(problemsOf(Uint8Array.from(input))).toEqual([problem]);
  });

  test.each`
    name                        | text                                       | problem
    ${'nothing'}                | ${''}                                      | ${'world.yaml:1:1: The file is empty. A scenario has at least `network` and `hosts`.'}
    ${'a comment'}              | ${'# to do\n'}                             | ${'world.yaml:1:1: The file is empty. A scenario has at least `network` and `hosts`.'}
    ${'a tab'}                  | ${'a:\n\tb: 1\n'}                          | ${'world.yaml:2:1: A tab cannot indent YAML. Use spaces.'}
    ${'two documents'}          | ${'a: 1\n---\nb: 2\n'}                     | ${'world.yaml:2:1: A second document begins here, and a scenario is one. Put it into a file of its own.'}
    ${'a missing colon'}        | ${'hosts\n  a: 1\n'}                       | ${'world.yaml:1:1: This looks like a key, but no colon follows it on its line. Write `key: value`.'}
    ${'two colons'}             | ${'run: a: b\n'}                           | ${'world.yaml:1:6: A second `key:` begins on this line. Put it on a line of its own, or the value in quotes if the colon belongs to it.'}
    ${'an odd first character'} | ${'run: @x\n'}                             | ${'world.yaml:1:6: A plain value cannot begin with this character. Put the value in quotes.'}
    ${'a quote left open'}      | ${'name: "x\nb: 2\n'}                      | ${'world.yaml:3:1: Missing closing "quote.'}
    ${'a brace left open'}      | ${'{"a": {"b": 1}'}                        | ${'world.yaml:1:15: Flow map must end with a }.'}
    ${'an old YAML'}            | ${'%YAML 1.1\n---\na: 1\n'}                | ${'world.yaml:1:1: Scenarios are YAML 1.2, and the file says %YAML 1.1. Take the directive away.'}
    ${'deep nesting'}           | ${`a: ${'['.repeat(65)}${']'.repeat(65)}`} | ${'world.yaml:1:67: The file nests deeper than 64 levels. No scenario needs that; look for a bracket that is never closed.'}
  `('$name', ({ text, problem }) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test.each`
    name                      | text                                             | problem
    ${'a key given twice'}    | ${'a: 1\nb: 2\na: 3\n'}                          | ${'world.yaml:3:1: a: The key a is given twice, first on line 1. Keep one of them.'}
    ${'a cyclic alias'}       | ${'hosts: &all\n  a: { on: left }\n  b: *all\n'} | ${'world.yaml:3:6: hosts.b: The alias *all stands inside the value that it repeats, without end. Write out what is meant here.'}
    ${'an unknown alias'}     | ${'a: *nothing\nb: &nothing 1\n'}                | ${'world.yaml:1:4: a: No anchor &nothing stands above this alias. Anchors come before their aliases.'}
    ${'a tag'}                | ${'a: !secret 1\n'}                              | ${'world.yaml:1:12: a: The tag !secret has no meaning in a scenario. Take it away.'}
    ${'bytes in disguise'}    | ${'a: !!binary aGVsbG8=\n'}                      | ${'world.yaml:1:13: a: The tag tag:yaml.org,2002:binary has no meaning in a scenario. Take it away.'}
    ${'a key that is a list'} | ${'? [1, 2]\n: 3\n'}                             | ${'world.yaml:1:3: A key must be plain text.'}
    ${'a dangerous key'}      | ${'__proto__: { x: 1 }\n'}                       | ${'world.yaml:1:1: The key __proto__ cannot be used. Choose another name.'}
    ${'a merged list'}        | ${'a: &x [1]\nb: { <<: *x }\n'}                  | ${'world.yaml:2:10: b: The merge key << takes a mapping or a list of mappings. Write `<<: *anchor`.'}
  `('$name is told, and the rest is still read', ({ text, problem }) => {
    const source = readSource(text, 'world.yaml');
    expect(source.problems.map(formatProblem)).toEqual([problem]);
    expect(source.value).toBeDefined();
  });

  test('an alias bomb is told once', () => {
    const lines = ['a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]'];
    for (const [before, name] of ['ab', 'bc', 'cd', 'de', 'ef', 'fg', 'gh'])
      lines.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`);
    const problems = problemsOf(lines.join('\n'));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(
      'With its aliases written out the file has more than 500000 values. Take aliases of aliases away.',
    );
  });

  test('aliases cannot nest without limit either', () => {
    const lines = ['a0: &a0 []'];
    for (let i = 1; i < 100; i++) lines.push(`a${i}: &a${i} [*a${i - 1}]`);
    expect(problemsOf(lines.join('\n'))).toEqual([
      expect.stringContaining('With its aliases written out the file nests deeper than 64 levels.'),
    ]);
  });

  test.each(['[', '{a: ', '- ', '? ', '!a ', '&a ', ': '])('twenty thousand times %j ends with problems', (text) => {
    expect(problemsOf(text.repeat(20_000)).length).toBeGreaterThan(0);
  });
});

describe('what is read', () => {
  test('JSON, with tabs and a byte order mark', () => {
    expect(readSource(bytes('\ufeff{\r\n\t"a": [1, true, null],\r\n\t"b": "x"\r\n}\r\n')).value).toEqual({
      a: [1, true, null],
      b: 'x',
    });
  });

  test('an alias is a copy of what it names', () => {
    const value = read('a: &x { b: [1] }\nc: *x\n') as { a: { b: number[] }; c: { b: number[] } };
    expect(value.c).toEqual({ b: [1] });
    expect(value.c.b).not.toBe(value.a.b);
  });

  test('merge keys are carried out: keys on the spot win, then earlier mappings', () => {
    expect(read('a: &a { x: 1, y: 1 }\nb: &b { y: 2, z: 2 }\nc: { <<: [*a, *b], x: 0 }\n')).toMatchObject({
      c: { x: 0, y: 1, z: 2 },
    });
  });

  test('a key stays as it was written, though it looks like a number', () => {
    expect(read('12e456789012: 1\n0x10: 2\n')).toEqual({ '12e456789012': 1, '0x10': 2 });
  });

  test('`on`, `yes` and times of day are text', () => {
    expect(read('on: yes\nat: 10:30\n')).toEqual({ on: 'yes', at: '10:30' });
  });

  test('any JSON value but null is read as it is', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        fc.pre(value !== null && !JSON.stringify(value).includes('__proto__'));
        const json = JSON.stringify(value);
        expect(readSource(json).value).toEqual(JSON.parse(json));
        // From the parsed text: YAML, unlike JSON, writes the sign of -0.
        expect(readSource(stringify(JSON.parse(json))).value).toEqual(JSON.parse(json));
      }),
    );
  });

  test('any text at all gives a value or a problem', () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '\n',
        '  ',
        '- ',
        ': ',
        '{',
        '}',
        '[',
        ']',
        '&a ',
        '*a',
        '"',
        "'",
        '|',
        '>',
        '#',
        '<<: ',
        '!',
        '%',
        '\t',
        '? ',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const source = readSource(pieces.join(''));
        expect(source.value !== undefined || source.problems.length > 0).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('where things stand', () => {
  const source = readSource('hosts:\n  a: { on: left, files: [x, "y z"] }\n  b:\n    run: |\n      one\n      two three\n');
  test.each`
    path                          | part                      | place
    ${['hosts', 'a', 'on']}       | ${'value'}                | ${{ line: 2, column: 12, length: 4 }}
    ${['hosts', 'a', 'on']}       | ${'key'}                  | ${{ line: 2, column: 8, length: 2 }}
    ${['hosts', 'a', 'files', 1]} | ${'value'}                | ${{ line: 2, column: 29, length: 5 }}
    ${['hosts', 'a']}             | ${'value'}                | ${{ line: 2, column: 3, length: 1 }}
    ${['hosts', 'a', 'nix']}      | ${'value'}                | ${{ line: 2, column: 3, length: 1 }}
    ${['hosts', 'b', 'run']}      | ${{ line: 2, column: 5 }} | ${{ line: 6, column: 11, length: 5 }}
    ${[]}                         | ${'value'}                | ${{ line: 1, column: 1, length: 1 }}
  `('$path ($part) at $place', ({ path, part, place }) => {
    expect(source.place(path, part)).toEqual(place);
  });
});
