import { crc32 } from '../../sim/trace/crc.ts';
import { inflate } from '../model/inflate.ts';
import type { Packed, Unpacked } from './unpacker.ts';

/*
 * Expands blocks of a trace beside the page, which goes on drawing meanwhile, and takes their checksums, which costs as much again.
 */

addEventListener('message', ({ data: { number, bytes, expanded } }: MessageEvent<Packed>) => {
  void inflate(bytes, expanded).then(
    (body) => answer({ number, body, crc: crc32(body) }, [body.buffer]),
    (error: unknown) => answer({ number, problem: error instanceof Error ? error.message : String(error) }),
  );
});

function answer(message: Unpacked, transfer: Transferable[] = []): void {
  postMessage(message, { transfer });
}

// From now on it can be given work.
answer({ number: 0, problem: '' });
