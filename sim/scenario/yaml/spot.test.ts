import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseDocument, Scalar, stringify } from 'yaml';
import { findSpot, type ScalarStyle } from './spot.ts';

describe('a place of a value, found in the YAML it was written in', () => {
  test.each`
    style       | source                             | value                 | line | column | found
    ${'plain'}  | ${'serf foo'}                      | ${'serf foo'}         | ${1} | ${6}   | ${'foo'}
    ${'plain'}  | ${'serf\n    foo'}                 | ${'serf foo'}         | ${1} | ${6}   | ${'foo'}
    ${'single'} | ${"'it''s foo'"}                   | ${"it's foo"}         | ${1} | ${6}   | ${"foo'"}
    ${'double'} | ${'"a\\tb \\x41 foo"'}             | ${'a\tb A foo'}       | ${1} | ${7}   | ${'foo"'}
    ${'double'} | ${'"\\U0001F3BB foo"'}             | ${'🎻 foo'}           | ${1} | ${4}   | ${'foo"'}
    ${'block'}  | ${'|\n  echo a\n  echo b\n'}       | ${'echo a\necho b\n'} | ${2} | ${6}   | ${'b\n'}
    ${'block'}  | ${'|2- # odd\n    echo a\n\n  b '} | ${'  echo a\n\nb'}    | ${3} | ${1}   | ${'b '}
    ${'block'}  | ${'>\n  echo\n  foo\n'}            | ${'echo foo\n'}       | ${1} | ${6}   | ${'foo\n'}
  `('$style: $source at $line:$column is $found', ({ style, source, value, line, column, found }) => {
    expect(source.slice(findSpot(source, style as ScalarStyle, value, { line, column }))).toBe(found);
  });

  const styles = {
    plain: Scalar.PLAIN,
    single: Scalar.QUOTE_SINGLE,
    double: Scalar.QUOTE_DOUBLE,
    block: Scalar.BLOCK_LITERAL,
  } as const;

  test('every visible letter is found where it stands, however the value is written', () => {
    const value = fc.stringMatching(/^[a-z]([a-z '"\\:#]{0,20}[\n ]?){0,4}[a-z]$/);
    fc.assert(
      fc.property(
        value,
        fc.constantFrom('plain', 'single', 'double', 'block'),
        fc.integer({ min: 20, max: 60 }),
        (text, style, lineWidth) => {
          const scalar = new Scalar(text);
          scalar.type = styles[style];
          const yaml = stringify({ run: scalar }, { lineWidth });
          const node = parseDocument(yaml).get('run', true) as Scalar | undefined;
          // The printer writes a few texts in a style that does not hold them.
          fc.pre(node?.value === text);
          const [start, end] = node.range as [number, number, number];
          const actual = { PLAIN: 'plain', QUOTE_SINGLE: 'single', QUOTE_DOUBLE: 'double' }[node.type as string] ?? 'block';
          const lines = text.split('\n');
          for (const [row, line] of lines.entries()) {
            for (let column = 0; column < line.length; column++) {
              if (!/[a-z]/.test(line[column] as string)) continue;
              const at = findSpot(yaml.slice(start, end), actual as ScalarStyle, text, { line: row + 1, column: column + 1 });
              expect(yaml[start + at]).toBe(line[column]);
            }
          }
        },
      ),
    );
  });
});
