// How far each log was read, in the database.
import { randomUUID } from 'node:crypto'
import type { Database } from '@netbehave/sqlite'

export interface Tail {
  readonly file: string
  /** Name of this log for good. */
  readonly source: string
  /** Bytes ever read of it. */
  readonly position: number
  /** Of those, in the file as it is now. */
  readonly offset: number
  /** The last bytes before `offset`. */
  readonly before: Buffer
  /** Of the file as it is now; empty: it was never opened. */
  readonly inode: string
  /** In the middle of a line that is too long. */
  readonly skipping: boolean
  /** Questions that wait. */
  readonly state: string
}

export interface Tails {
  /** As it was saved, or a new one. */
  read(file: string): Tail
  save(tail: Tail): void
}

type Row = Omit<Tail, 'skipping'> & { skipping: number }

export function createTails(db: Database): Tails {
  const select = db.prepare<[string], Row>('SELECT * FROM tail WHERE file = ?')
  const insert = db.prepare(
    'INSERT OR REPLACE INTO tail (file, source, position, offset, before, inode, skipping, state) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
  )
  const save = ({ file, source, position, offset, before, inode, skipping, state }: Tail) =>
    void insert.run(file, source, position, offset, before, inode, skipping ? 1 : 0, state)
  return {
    read(file) {
      const row = select.get(file)
      if (row) return { ...row, skipping: row.skipping === 1 }
      const tail = { file, position: 0, offset: 0, before: Buffer.alloc(0), inode: '', skipping: false, state: '' }
      const begun = { ...tail, source: `log:${randomUUID()}` }
      save(begun)
      return begun
    },
    save,
  }
}
