import { expect, test } from 'vitest';
import { embedTrace } from './page.ts';

const PAGE = '<title>Partita</title><script type="application/x-partita-trace" id="trace"></script><script>run()</script>';

test('the trace stands in the page as base64, and the title is its own', () => {
  const html = embedTrace(PAGE, Uint8Array.of(80, 65, 82, 255), 'softlayer');
  expect(html).toBe(
    '<title>softlayer</title><script type="application/x-partita-trace" id="trace">UEFS/w==</script><script>run()</script>',
  );
});

test('a trace in a larger buffer takes only its own bytes along', () => {
  const bytes = Uint8Array.of(1, 2, 3, 4).subarray(1, 3);
  expect(embedTrace(PAGE, bytes, '')).toContain(`>${Buffer.from([2, 3]).toString('base64')}<`);
});

test('a title is text, whatever is in it', () => {
  expect(embedTrace(PAGE, new Uint8Array(0), 'a</title><b> & $& $1')).toContain(
    '<title>a&lt;/title>&lt;b> &amp; $&amp; $1</title>',
  );
});

test('embedding again replaces the run', () => {
  const once = embedTrace(PAGE, Uint8Array.of(1), 'one');
  expect(embedTrace(once, Uint8Array.of(2), 'two')).toBe(embedTrace(PAGE, Uint8Array.of(2), 'two'));
});

test('another page is refused', () => {
  expect(() => embedTrace('<html></html>', new Uint8Array(0), '')).toThrow('This is not the page of the viewer');
});
