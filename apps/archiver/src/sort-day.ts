// A whole day, sorted for search, in a process of its own: sorting takes more memory than the archiver may have, and a process
// gives all of it back. In: the files of a day. Out: one Parquet file, synced and renamed, that nobody knows yet.
// Fails: rejects with what the process said, or that it ended; nothing half-written stays.
import { fork } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { WrittenFile } from './write.ts'

/** What the process gets, as its one message. It answers with a SortAnswer and ends. */
export interface SortTask {
  readonly dataDir: string
  /** A relation of the day's flows. */
  readonly source: string
  readonly startMs: number
  readonly endMs: number
  readonly rows: number
  readonly path: string
  readonly metadata: string
  readonly memoryLimitMb: number
}
export type SortAnswer = { readonly written: WrittenFile } | { readonly error: string }

const PROCESS = join(import.meta.dirname, 'sort-process.ts')

export async function sortDay(task: SortTask): Promise<WrittenFile> {
  const child = fork(PROCESS, [], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const { promise, resolve, reject } = Promise.withResolvers<SortAnswer>()
  child.once('message', (message) => resolve(message as SortAnswer))
  child.once('error', reject)
  child.once('close', (code, signal) => reject(new Error(`the process that sorts a day ended with ${signal ?? code}`)))
  try {
    child.send(task)
    const answer = await promise
    if ('error' in answer) throw new Error(`a day cannot be sorted: ${answer.error}`)
    return answer.written
  } catch (error) {
    await rm(`${task.path}.tmp`, { force: true })
    throw error
  }
}
