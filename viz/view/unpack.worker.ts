import { crc32 } from '../../sim/trace/crc.ts';
import { inflate } from '../model/inflate.ts';
import { readBlob } from '../model/source.ts';
import type { Ask, Told } from './unpacker.ts';

/*
 * Reads pieces of a trace and expands its blocks beside the page, which goes on drawing meanwhile: cutting a piece out of a file waits for another
 * process, and a checksum costs as much as the rest.
 */

/** The file that was read last. */
let open: Blob | undefined;

addEventListener('message', ({ data }: MessageEvent<Ask>) => {
  void (data.type === 'read' ? read(data) : expand(data)).catch((error: unknown) =>
    answer({ number: data.number, problem: error instanceof Error ? error.message : String(error) }),
  );
});

async function read({ number, blob, offset, length }: Extract<Ask, { type: 'read' }>): Promise<void> {
  open = blob ?? open;
  if (open === undefined) throw new Error('no file is open');
  const body = await readBlob(open, offset, length);
  answer({ number, body, crc: undefined }, [body.buffer]);
}

async function expand({ number, bytes, expanded }: Extract<Ask, { type: 'expand' }>): Promise<void> {
  const body = await inflate(bytes, expanded);
  answer({ number, body, crc: crc32(body) }, [body.buffer]);
}

function answer(message: Told, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}

// From now on it can be given work.
answer({ number: 0, problem: '' });
