/*
 * The numbers of the trace format. docs/trace-format.md explains them, and a test holds the two together.
 */

/** The first eight bytes of every trace: `PARTITA` and a line feed. */
export const MAGIC: readonly number[] = [0x50, 0x41, 0x52, 0x54, 0x49, 0x54, 0x41, 0x0a];

/** Raised when a reader of the last version would misread the new one; blocks of an unknown type are skipped and need no raise. */
export const FORMAT_VERSION = 1;

/** Magic, version, a reserved half word and a CRC-32 of these. */
export const PREFIX_BYTES = 16;

/** The first four bytes of every block, `PBLK`, so that a reader finds the next one after a damaged one. */
export const BLOCK_MARK = 0x4b4c4250;

/** Mark, type, flags, reserved, stored size, expanded size, CRC of the expanded body, CRC of the head so far. */
export const HEAD_BYTES = 24;

/** A pointer's block: a head, then offset and length of the index as floats. */
export const POINTER_BYTES = HEAD_BYTES + 16;

export const BlockType = {
  /** Where the run came from, once, first. */
  header: 1,
  /** Names, endpoints, strings, shapes and cells that were new. */
  tables: 2,
  /** The records of a chunk, column by column. */
  records: 3,
  /** The cell changes of a chunk, column by column. */
  cells: 4,
  /** What the records of a chunk carry. */
  payloads: 5,
  /** Closes a chunk: what is in it and where its parts begin. */
  chunk: 6,
  /** The value of each cell at one moment. */
  keyframe: 7,
  /** The saved state of the world at one moment, for whoever can continue it. */
  state: 8,
  /** Where everything is, and a summary. */
  index: 9,
  /** Where the last index is; at the end of the file. */
  pointer: 10,
} as const;

export const Flag = {
  /** The body is compressed: raw deflate, RFC 1951. */
  deflated: 1,
} as const;

/** Records, or cell changes, after which a chunk is closed. */
export const CHUNK_RECORDS = 65_536;

/** Columns of a block of records: step, distance to the cause, payload, node, peer, kind, word, size. */
export const RecordColumn = { step: 0, distance: 1, payload: 2, node: 3, peer: 4, kind: 5, word: 6, size: 7 } as const;
export const RECORD_COLUMNS = 8;

/** Columns of a block of changes: step, records since the change before, distance to the cause, cell, value. */
export const ChangeColumn = { step: 0, after: 1, distance: 2, cell: 3, value: 4 } as const;
export const CHANGE_COLUMNS = 5;

/** Chunks after which an index is written while the run goes on. */
export const INDEX_EVERY = 16;

/** No block's body is larger than this, compressed or not. */
export const MAX_BODY = 16 * 1024 * 1024;

/** Deflate cannot expand more than this: 258 bytes from two bits. A block that claims more is refused. */
export const MAX_EXPANSION = 1032;

/** What a reader expands in order to open a file, of tables and of indexes: so much, and for each byte of the file so many. */
export const EXPAND_FREE = 32 * 1024 * 1024;
export const EXPAND_PER_BYTE = 16;

/** The largest payload that is stored; a larger one is replaced by a note that says so. */
export const MAX_PAYLOAD = 1024 * 1024;

/** A block of payloads, or a part of a saved state, is closed when it has grown to this size. */
export const PART_BYTES = 4 * 1024 * 1024;

/** A saved state of the world that is larger is not stored. */
export const MAX_STATE = 256 * 1024 * 1024;

/** Cells in one block of a keyframe or of the table of cells. */
export const KEYFRAME_CELLS = 262_144;

/** Containers inside each other; what is deeper is replaced by a note that says so. */
export const MAX_DEPTH = 64;

/** Strings and shapes of payloads that are kept in tables; later ones are written out where they occur. */
export const MAX_STRINGS = 65_536;
export const MAX_SHAPES = 4096;
export const MAX_SHAPE_KEYS = 64;
/** Longer strings are not kept in a table. */
export const MAX_TABLE_STRING = 64;

/** The most markers of each sort, and verdicts, that an index holds; the rest is only counted. */
export const MAX_MARKERS = 16_384;
export const MAX_VERDICTS = 1024;

/** Bins of the density picture; their width doubles when the run outgrows them. */
export const DENSITY_BINS = 4096;
/** Log₂ of the first width in nanoseconds: about 65 µs. */
export const DENSITY_SHIFT = 16;

/** In a marker's kind: not a record but a change of a cell. */
export const CELL_MARKER = 255;
