// For tests of readers: an archive made of a few flows, without an archiver. Slow and plain: one SQL literal a value.
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type ColumnName, columnSpec, type Flow, parseAddress, parseMac } from '@netbehave/schema'
import { type ArchiveFile, type Catalog, openCatalog } from './catalog.ts'
import { createDayClock, paths } from './day.ts'
import { openDuckDb, quote } from './duckdb.ts'
import { LOWER_CASE_COLUMNS, lowerCase, PARQUET_COLUMNS, type ParquetColumn } from './layout.ts'

/** A closed day as large as one likes, for benchmarks. */
export { generateDay } from '../bench/generate-day.ts'

export interface TestHistory extends AsyncDisposable {
  readonly dataDir: string
  readonly catalog: Catalog
  /** Adds one Parquet file with these flows to the day of the first; without some columns, as an older program would. */
  add(flows: readonly Partial<Flow>[], leftOut?: readonly string[]): Promise<ArchiveFile>
}

const BASE: Flow = {
  site: 'home',
  firstMs: Date.UTC(2026, 10, 24, 12),
  lastMs: Date.UTC(2026, 10, 24, 12),
  srcIp: '192.168.1.7',
  dstIp: '203.0.113.5',
  srcPort: 0,
  dstPort: 0,
  protocol: 6,
  bytes: 0,
  packets: 0,
  sampling: 1,
}

/** A flow with every member that it must have. */
export const makeFlow = (members: Partial<Flow>): Flow => ({
  ...BASE,
  lastMs: members.firstMs ?? BASE.lastMs,
  ...members,
})

/** An empty archive in a folder of its own, in UTC. */
export async function createTestHistory(): Promise<TestHistory> {
  const dataDir = mkdtempSync(join(tmpdir(), 'netbehave-history-'))
  const catalog = openCatalog(dataDir)
  catalog.rebuild([], [])
  const duckDb = await openDuckDb({
    directories: [paths.flows(dataDir)],
    temporaryDirectory: join(paths.temporary(dataDir), 'test'),
    memoryLimitMb: 200,
    threads: 1,
  })
  const clock = createDayClock('UTC')

  async function add(given: readonly Partial<Flow>[], leftOut: readonly string[] = []): Promise<ArchiveFile> {
    const flows = given.map(makeFlow)
    const columns = PARQUET_COLUMNS.filter(({ name }) => !leftOut.includes(name))
    const id = catalog.nextFileId()
    const bounds = clock.at(flows[0]!.firstMs)
    const path = `${bounds.day}/${id}-${id}-${id}.parquet`
    const rows = flows.map((flow) => `SELECT ${columns.map((column) => `${literal(column, flow)} AS ${column.name}`)}`)
    const connection = await duckDb.connect()
    mkdirSync(dirname(paths.file(dataDir, path)), { recursive: true })
    await connection.run(`COPY (${rows.join(' UNION ALL ')}) TO ${quote(paths.file(dataDir, path))} (FORMAT parquet)`)
    connection.closeSync()
    const sum = (pick: (flow: Flow) => number) =>
      Math.min(
        flows.reduce((total, flow) => total + pick(flow), 0),
        2 ** 53 - 1,
      )
    const file: ArchiveFile = {
      id,
      path,
      day: bounds.day,
      tier: 0,
      layout: catalog.layoutOf(columns.map(({ name }) => name)),
      rows: flows.length,
      bytes: statSync(paths.file(dataDir, path)).size,
      flowBytes: sum(({ bytes }) => bytes),
      flowPackets: sum(({ packets }) => packets),
      firstMs: Math.min(...flows.map(({ firstMs }) => firstMs)),
      lastMs: Math.max(...flows.map(({ lastMs }) => lastMs)),
      streamCreatedMs: 1,
      firstSequence: id,
      lastSequence: id,
      writtenMs: 0,
    }
    catalog.addFlush([file], [bounds], 1, [{ first: id, last: id }])
    return file
  }

  return {
    dataDir,
    catalog,
    add,
    async [Symbol.asyncDispose]() {
      duckDb[Symbol.dispose]()
      catalog[Symbol.dispose]()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function literal({ column, part, type, absent }: ParquetColumn, flow: Flow): string {
  const member = column === 'site' ? 'site' : (columnSpec(column).json ?? column)
  const given = flow[member as keyof Flow]
  const value = LOWER_CASE_COLUMNS.has(column as ColumnName) && given !== undefined ? lowerCase(String(given)) : given
  const blob = (bytes: Uint8Array) => `unhex('${Buffer.from(bytes).toString('hex')}')`
  if (part === 'domain') return `${flow.exporterDomain ?? 0}::${type}`
  if (part === 'version') return `${flow.exporterVersion ?? 0}::${type}`
  if (value === undefined) return part === 'ipv4' ? 'NULL::UINTEGER' : absent
  if (part === 'ipv4' || part === 'ipv6') {
    const address = parseAddress(String(value))!
    if (typeof address === 'number') return part === 'ipv4' ? `${address}::UINTEGER` : 'NULL::BLOB'
    return part === 'ipv6' ? blob(address) : 'NULL::UINTEGER'
  }
  if (part === 'mac') return blob(parseMac(String(value))!)
  return typeof value === 'number' ? `${value}::${type}` : quote(String(value))
}
