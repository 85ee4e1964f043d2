// For tests: batches from a few lines, an archive in a temporary folder, and what is in it afterwards.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHistory } from '@netbehave/history'
import {
  type ColumnName,
  columnSpec,
  type DictionaryName,
  type ExporterEntry,
  type Flow,
  type FlowBatch,
  FlowBatchBuilder,
  parseAddress,
  parseMac,
} from '@netbehave/schema'
import { type Archive, type ArchiveOptions, openArchive } from './archive.ts'
import { ArchiverConfig } from './config.ts'
import { type ArchiverCounters, createCounters } from './metrics.ts'

/** Noon of the day on which tests take place, UTC. */
export const NOON_MS = Date.UTC(2026, 10, 24, 12)
export const HOUR_MS = 3_600_000
export const DAY_MS = 86_400_000

const BASE: Partial<Flow> = { firstMs: NOON_MS, lastMs: NOON_MS, srcIp: '192.168.1.7', dstIp: '203.0.113.5' }
const EXPORTER_MEMBERS = ['exporter', 'exporterDomain', 'exporterVersion']

/** A batch of these flows, as a collector and an enricher would have made it; members that are left out have no value. */
export function makeBatch(flows: readonly Partial<Flow>[], seq = 1, site = 'home'): FlowBatch {
  const builder = new FlowBatchBuilder(Math.max(1, flows.length))
  const exporters = new Map<string, ExporterEntry>()
  flows.forEach((given, row) => {
    const flow: Partial<Flow> = { ...BASE, ...given }
    for (const [member, value] of Object.entries(flow)) {
      if (member === 'site' || EXPORTER_MEMBERS.includes(member)) continue
      setValue(builder, columnNamed(member), row, value as string | number)
    }
    if (flow.exporter === undefined) return
    const { exporter: ip, exporterDomain: domain = 0, exporterVersion: version = 0 } = flow
    const key = `${ip} ${domain} ${version}`
    const entry = exporters.get(key) ?? { ip, domain, version }
    exporters.set(key, entry)
    builder.rows.exporter[row] = builder.exporters.add(entry)
    builder.touch('exporter')
  })
  builder.commit(flows.length)
  return builder.seal({ site, collector: 'test', seq, received: NOON_MS })
}

function columnNamed(member: string): ColumnName {
  if (member === 'firstMs') return 'first'
  return member === 'lastMs' ? 'last' : (member as ColumnName)
}

function setValue(builder: FlowBatchBuilder, column: ColumnName, row: number, value: string | number): void {
  const { kind, dictionary } = columnSpec(column)
  const rows = builder.rows as unknown as Record<string, number[]>
  if (kind === 'address') {
    const address = parseAddress(value as string)!
    const target = builder.rows[column as 'srcIp']
    if (typeof address === 'number') target.v4[row] = address
    else target.set6(row, address, 0)
  } else if (kind === 'mac') builder.rows[column as 'srcMac'].set(parseMac(value as string)!, row * 6)
  else if (kind === 'index') {
    const texts = builder.dictionaries[dictionary as Exclude<DictionaryName, 'exporter'>]
    rows[column]![row] = texts.add(value as string)
  } else rows[column]![row] = value as number
  builder.touch(column)
}

export interface TestArchive extends AsyncDisposable {
  readonly dataDir: string
  readonly archive: Archive
  readonly counters: ArchiverCounters
  /** What was logged at warn and error. */
  readonly complaints: string[]
  nowMs: number
  /** Closes and opens again, as after a restart. */
  restart(options?: Partial<ArchiveOptions>): Promise<void>
  /** Every flow that a search finds, oldest first. */
  flows(): Promise<Flow[]>
}

/** An archive of its own for one test, in UTC, that is removed with it. */
export async function openTestArchive(
  settings: Partial<ArchiverConfig> = {},
  options: Partial<ArchiveOptions> = {},
): Promise<TestArchive> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'netbehave-archiver-'))
  const complaints: string[] = []
  const complain = (_fields: object, message: string) => {
    complaints.push(message)
  }
  const open = (more: Partial<ArchiveOptions> = {}) => {
    test.counters = createCounters()
    return openArchive({
      dataDir,
      settings: ArchiverConfig.parse({ timeZone: 'UTC', minFreeBytes: 0, ...settings }),
      counters: test.counters,
      log: { info() {}, warn: complain, error: complain },
      now: () => test.nowMs,
      ...options,
      ...more,
    })
  }
  const test = {
    dataDir,
    complaints,
    nowMs: NOON_MS,
    counters: createCounters(),
    archive: undefined as unknown as Archive,
    async restart(more: Partial<ArchiveOptions> = {}) {
      await test.archive[Symbol.asyncDispose]()
      test.archive = await open(more)
    },
    async flows() {
      await using history = openHistory({ dataDir })
      const flows: Flow[] = []
      for await (const flow of history.search({ order: 'oldest' })) flows.push(flow)
      return flows
    },
    async [Symbol.asyncDispose]() {
      await test.archive[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
  test.archive = await open()
  return test
}
