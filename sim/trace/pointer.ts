import { bodyOf, sealBlock, startBody } from './block.ts';
import { crc32 } from './crc.ts';
import { BlockType } from './format.ts';
import type { Region } from './trace-index.ts';

/** The block at the end of the file that says where the index is. */
export function pointerTo(index: Region): Uint8Array {
  const out = startBody();
  out.f64(index.offset);
  out.f64(index.length);
  return sealBlock(out, BlockType.pointer, crc32(bodyOf(out)));
}
