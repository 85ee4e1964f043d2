// Old logs of DNS servers → the names service. In: files, also gzip. Out: what was read, a line a file. Fails: CommandError for a file that
// cannot be read or (at the end) is no such log, and when no service answers. A log is known again by its beginning, so importing it twice changes nothing.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import type { Broker } from '@netbehave/broker'
import { LineSplitter, LogReader, type LogSource, toRequests } from '@netbehave/dns-log'
import { DNS_CACHED, DNS_QUERY, DNS_REPLY } from '@netbehave/schema'
import { type CopyOptions, connectToCopy } from './broker-client.ts'
import { askNames } from './dns.ts'
import type { Environment } from './environment.ts'
import { CommandError, describeSystemError, EXIT } from './exit-codes.ts'
import { formatCount } from './output/numbers.ts'
import { createProgress } from './output/progress.ts'

export interface ImportOptions extends CopyOptions {
  source: LogSource
  year?: number
  site?: string
  json?: boolean
}

export interface ImportResult {
  file: string
  lines: number
  /** Entries that were new, and that were there already. */
  stored: number
  known: number
  /** Lines that could not be used, by reason. */
  problems: Record<string, number>
}

/** Bytes at the beginning by which a log is known again. */
const BEGINNING_BYTES = 4096
/** Entries that are sent together. */
const BATCH_ENTRIES = 2000

export async function importLogs(
  files: readonly string[],
  options: ImportOptions,
  environment: Environment,
): Promise<void> {
  const { stdout, stderr, now, stop } = environment
  const site = options.site ?? (await import('./up/config.ts')).loadUpConfig({}, environment.env).site
  await using broker = await connectToCopy(options, 'dns-ingest', environment)
  const strange: string[] = []
  for (const file of files) {
    using progress = createProgress(stderr, now)
    const onLines = (lines: number) => progress.show(() => `${file}: ${formatCount(lines)} lines`)
    const result = await importLog(file, { ...options, site }, broker, onLines, stop)
    progress[Symbol.dispose]()
    stdout.write(options.json ? `${JSON.stringify(result)}\n` : describe(result))
    if (stop.aborted) throw new CommandError('', EXIT.interrupted)
    if (result.lines > 0 && result.stored + result.known === 0) strange.push(file)
  }
  if (strange.length > 0)
    throw new CommandError(
      `${strange.join(', ')}: no question or answer of a DNS server in it; docs/dns.md says how dnsmasq, Pi-hole and unbound are told to log them`,
      EXIT.data,
    )
}

async function importLog(
  file: string,
  { source: kind, year, site }: ImportOptions & { site: string },
  broker: Broker,
  onLines: (lines: number) => void,
  stop: AbortSignal,
): Promise<ImportResult> {
  try {
    const { mtimeMs } = await stat(file)
    const source = await nameOf(file)
    const reader = new LogReader({ source: kind, latestMs: () => mtimeMs, year })
    const splitter = new LineSplitter()
    const sums = { stored: 0, known: 0 }
    const count = ({ stored, known }: { stored: number; known: number }) => {
      sums.stored += stored
      sums.known += known
    }
    async function send(): Promise<void> {
      const { queries, replies, cached } = toRequests(reader.take())
      const from = { site, source }
      for (const chunk of queries) count(await askNames(broker, DNS_QUERY, { ...from, queries: chunk }))
      for (const chunk of replies) count(await askNames(broker, DNS_REPLY, { ...from, answers: chunk }))
      for (const chunk of cached) count(await askNames(broker, DNS_CACHED, { ...from, ...chunk }))
    }
    for await (const piece of await openLog(file)) {
      if (stop.aborted) break
      splitter.push(piece as Buffer, (line, position) => reader.read(line, position, 0))
      onLines(reader.lines)
      if (reader.join.size >= BATCH_ENTRIES) await send()
    }
    // The last line may lack its end.
    if (!stop.aborted && splitter.restBytes > 0)
      splitter.push(Buffer.from('\n'), (line, position) => reader.read(line, position, 0))
    await send()
    const problems = Object.fromEntries(reader.problems)
    if (splitter.tooLong > 0) problems['line-length'] = splitter.tooLong
    return { file, lines: reader.lines, ...sums, problems }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof CommandError || code === undefined) throw error
    const why = /^Z_/.test(code) ? 'it is no whole gzip file' : describeSystemError(error)
    throw new CommandError(`cannot read ${file}: ${why}`, /^Z_/.test(code) ? EXIT.data : EXIT.noInput, { cause: error })
  }
}

/** The text of a log, unpacked when it is gzip. */
async function openLog(file: string): Promise<Readable> {
  const handle = await open(file, 'r')
  const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0)
  await handle.close()
  const bytes = createReadStream(file)
  if (buffer[0] !== 0x1f || buffer[1] !== 0x8b) return bytes
  const unpacked = createGunzip()
  bytes.once('error', (error) => unpacked.destroy(error))
  return bytes.pipe(unpacked)
}

/** Made of its beginning, so that it is the same name after a rename and packed. */
async function nameOf(file: string): Promise<string> {
  const beginning: Buffer[] = []
  let length = 0
  for await (const piece of await openLog(file)) {
    beginning.push(piece as Buffer)
    length += (piece as Buffer).length
    if (length >= BEGINNING_BYTES) break
  }
  const hash = createHash('sha256').update(Buffer.concat(beginning).subarray(0, BEGINNING_BYTES)).digest('hex')
  return `import:${hash}`
}

function describe({ file, lines, stored, known, problems }: ImportResult): string {
  const wrong = Object.entries(problems).map(([reason, count]) => `${formatCount(count)} ${reason}`)
  const before = known > 0 ? `, ${formatCount(known)} known before` : ''
  const left = wrong.length > 0 ? `; lines left out: ${wrong.join(', ')}` : ''
  return `${file}: ${formatCount(lines)} lines, ${formatCount(stored)} entries stored${before}${left}\n`
}
