import { bodyOf, sealBlock, startBody } from './block.ts';
import type { ByteWriter } from './bytes.ts';
import { crc32 } from './crc.ts';
import { BlockType } from './format.ts';
import type { Region } from './trace-index.ts';

/** A small block, made in one go and never compressed. */
export function sealed(type: number, fill: (out: ByteWriter) => void): Uint8Array {
  const out = startBody();
  fill(out);
  return sealBlock(out, type, crc32(bodyOf(out)));
}

/** The block at the end of the file that says where the index is. */
export function pointerTo(index: Region): Uint8Array {
  return sealed(BlockType.pointer, (out) => {
    out.f64(index.offset);
    out.f64(index.length);
  });
}
