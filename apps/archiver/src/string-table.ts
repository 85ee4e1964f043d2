// Texts where DuckDB can point at them. A VARCHAR vector holds 16 bytes a row (string_t): length, then up to 12 bytes of text
// in place, or 4 of them and a pointer. DuckDB makes them once for each text of a dictionary; a row is then 16 bytes copied.
import { DuckDBDataChunk, VARCHAR } from '@duckdb/node-api'
import bindings from '@duckdb/node-bindings'
import { CHUNK_ROWS } from './staged-column.ts'

/** 32-bit words of a string_t. */
export const STRING_WORDS = 4
const STRING_BYTES = STRING_WORDS * 4

export interface StringTable {
  /** The string_t of text i at i × STRING_WORDS; text 0 is none. */
  readonly words: Uint32Array
  /** What the pointers lead into: must be referred to for as long as the words are used. */
  readonly owner: unknown
}

/** The texts of indices 1, 2, … as string_t. They hold no NUL. */
export function createStringTable(texts: readonly string[]): StringTable {
  const words = new Uint32Array((texts.length + 1) * STRING_WORDS)
  const owner: DuckDBDataChunk[] = []
  for (let from = 0; from < texts.length; from += CHUNK_ROWS) {
    const rows = Math.min(CHUNK_ROWS, texts.length - from)
    const chunk = DuckDBDataChunk.create([VARCHAR], rows)
    const vector = bindings.data_chunk_get_vector(chunk.chunk, 0)
    for (let i = 0; i < rows; i++) bindings.vector_assign_string_element(vector, i, texts[from + i]!)
    const bytes = bindings.vector_get_data(vector, rows * STRING_BYTES)
    new Uint8Array(words.buffer).set(bytes, (from + 1) * STRING_BYTES)
    owner.push(chunk)
  }
  return { words, owner }
}
