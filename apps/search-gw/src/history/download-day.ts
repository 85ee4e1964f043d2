// A day as a file. A closed day is the file that is there: ranges, ETag. An open one is made at this moment, as a snapshot that holds
// whole flushes, and removed when it was sent. Paths come from a day's name of the strict form only.
import { randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type DaySummary, paths } from '@netbehave/history'
import type { DAY_FORMATS } from '@netbehave/schema/api'
import type { Request, Response } from 'express'
import type { Gate } from '../gate.ts'
import type { Archive } from './archive.ts'
import { streamFlows } from './stream-flows.ts'

type DayFormat = (typeof DAY_FORMATS)[number]

export interface DownloadNeighbours {
  readonly archive: Archive
  readonly dataDir: string
  readonly now: () => number
  /** Snapshots that are made at once: each takes the disk space of a day. */
  readonly snapshots: Gate
}

interface Call {
  readonly signal: AbortSignal
  readonly request: Request
  readonly response: Response
}

const MEDIA = { sqlite: 'application/vnd.sqlite3', parquet: 'application/vnd.apache.parquet' } as const
const SUFFIX = { sqlite: 'sqlite3', parquet: 'parquet' } as const
/** Who takes nothing for so long has left without saying so. Making a snapshot may take longer: it begins to count after. */
const STALLED_MS = 60_000

/** Where snapshots are made; emptied at the start. */
export const snapshotFolder = (dataDir: string): string => join(paths.temporary(dataDir), 'gateway')

export async function downloadDay(
  summary: DaySummary,
  format: DayFormat,
  neighbours: DownloadNeighbours,
  call: Call,
): Promise<void> {
  const { day } = summary
  const { archive, snapshots } = neighbours
  const { signal, response } = call
  if (format === 'csv' || format === 'ndjson') {
    using _place = await archive.gate.enter(signal)
    using context = await archive.context('file', signal)
    await streamFlows(response, context, { day }, { format, order: 'any', fileName: `flows-${day}.${format}` })
    return
  }
  const ready = await findReadyFile(summary, format, neighbours, signal)
  if (ready) await sendReadyFile(ready, day, format, response)
  else await snapshots.run(() => sendSnapshot(day, format, neighbours, call), signal)
}

/** The file that is the whole day already. */
async function findReadyFile(
  { day, closed, database, flows }: DaySummary,
  format: 'sqlite' | 'parquet',
  { archive, dataDir }: DownloadNeighbours,
  signal: AbortSignal,
): Promise<string | undefined> {
  let path: string | undefined
  if (format === 'sqlite' && database && database.flows === flows) path = paths.database(dataDir, day)
  if (format === 'parquet' && closed) {
    using context = await archive.context('file', signal)
    const files = context?.catalog.filesOf(day) ?? []
    if (files.length === 1) path = paths.file(dataDir, files[0]!.path)
  }
  return path !== undefined && (await stat(path).catch(() => undefined))?.isFile() ? path : undefined
}

function attach(response: Response, day: string, format: 'sqlite' | 'parquet'): void {
  const name = `flows-${day}.${SUFFIX[format]}`
  response.set({ 'Content-Type': MEDIA[format], 'Content-Disposition': `attachment; filename="${name}"` })
  response.setTimeout(STALLED_MS, () => response.destroy())
}

function sendReadyFile(path: string, day: string, format: 'sqlite' | 'parquet', response: Response): Promise<void> {
  attach(response, day, format)
  response.set('Cache-Control', 'private, no-cache')
  return new Promise((resolve, reject) => {
    const options = { acceptRanges: true, cacheControl: false, dotfiles: 'allow' } as const
    response.sendFile(path, options, (error?: Error) => {
      // Once bytes are on their way only the asker can break off.
      if (error && !response.headersSent) reject(error)
      else resolve()
    })
  })
}

async function sendSnapshot(
  day: string,
  format: 'sqlite' | 'parquet',
  { archive, dataDir }: DownloadNeighbours,
  { signal, request, response }: Call,
): Promise<void> {
  const folder = snapshotFolder(dataDir)
  await mkdir(folder, { recursive: true })
  const path = join(folder, `${randomUUID()}.${SUFFIX[format]}`)
  try {
    await archive.ask((history) => history.exportDay(day, { format, to: path }), signal)
    signal.throwIfAborted()
    const { size } = await stat(path)
    attach(response, day, format)
    response.set({ 'Content-Length': String(size), 'Cache-Control': 'no-store', 'Accept-Ranges': 'none' })
    if (request.method === 'HEAD') response.end()
    else await pipeline(createReadStream(path), response)
  } finally {
    await rm(path, { force: true })
  }
}
