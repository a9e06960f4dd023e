import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/** What a chunk of the bundle looks like to a plugin, as far as it matters here. */
interface Part {
  readonly type: 'chunk' | 'asset';
  readonly code?: string;
  source?: string | Uint8Array;
  fileName: string;
}

/**
 * Puts all scripts and style sheets into the page itself, so that it is one file that opens from disk, from a mail or from any
 * server, and asks the network for nothing.
 */
function oneFile(name: string): Plugin {
  return {
    name: 'one-file',
    enforce: 'post',
    generateBundle(_, bundle) {
      const parts = bundle as Record<string, Part>;
      const page = parts['index.html'];
      if (page === undefined) return;
      const textOf = (path: string): string => {
        const key = path.replace(/^\.?\//, '');
        const part = parts[key];
        delete parts[key];
        return part?.code ?? String(part?.source ?? '');
      };
      const html = String(page.source)
        .replace(/<script type="module"[^>]* src="([^"]+)"><\/script>/g, (_tag, path: string) => {
          // A script ends at the first `</script`, also inside a string of the program.
          return `<script type="module">${textOf(path).replaceAll('</script', '<\\/script')}</script>`;
        })
        .replace(/<link rel="stylesheet"[^>]* href="([^"]+)">/g, (_tag, path: string) => `<style>${textOf(path)}</style>`);
      // The simulator is packed text until somebody asks for it.
      const worker = Object.keys(parts).find((key) => /(^|\/)live\.worker-[^/]*\.js$/.test(key));
      const program = worker === undefined ? '' : deflateRawSync(textOf(worker), { level: 9 }).toString('base64');
      page.source = html.replace(
        /(<script type="text\/plain" id="simulator">)(<\/script>)/,
        (_tag, open: string, close: string) => open + program + close,
      );
      page.fileName = name;
    },
  };
}

const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as { version: string };

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [oneFile('viewer.html')],
  define: { PARTITA_VERSION: JSON.stringify(version) },
  build: {
    outDir: '../dist/viz',
    // Type declarations of the model lie there too.
    emptyOutDir: false,
    target: 'es2023',
    modulePreload: false,
    cssCodeSplit: false,
    assetsInlineLimit: Number.MAX_SAFE_INTEGER,
  },
});
