// A closed day of workload W with names, made by DuckDB itself and laid out as the archiver leaves it. In: how many flows. Out: a data directory that openHistory reads.
import { mkdirSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { CLOSED_TIER, openCatalog } from '../src/catalog.ts'
import { CLOSED_LAYOUT, closedOrderSql, copyOptions } from '../src/closed-layout.ts'
import { createDayClock, paths } from '../src/day.ts'
import { openDuckDb, queryRow, quote } from '../src/duckdb.ts'
import { PARQUET_COLUMN_NAMES, PARQUET_COLUMNS } from '../src/layout.ts'

export const DAY = '2026-11-24'
const DAY_MS = 86_400_000

/** Random within 1,000 local and 50,000 remote hosts; nine remote hosts of ten have a name. */
const VALUES: Readonly<Record<string, string>> = {
  site: `'home'`,
  first_ms: `start_ms + (i * ${DAY_MS} // flows)`,
  last_ms: `start_ms + (i * ${DAY_MS} // flows) + r6 % 60000`,
  src_ip4: 'if(outbound, local_ip, remote_ip)',
  dst_ip4: 'if(outbound, remote_ip, local_ip)',
  src_port: 'if(outbound, local_port, port)',
  dst_port: 'if(outbound, port, local_port)',
  protocol: 'if(port IN (53, 123), 17, 6)::UTINYINT',
  tcp_flags: 'if(port IN (53, 123), 0, 27)::UTINYINT',
  bytes: '(packets * (60 + r5 % 1400))::BIGINT',
  packets: 'packets::BIGINT',
  in_if: 'if(outbound, 1, 2)::UINTEGER',
  out_if: 'if(outbound, 2, 1)::UINTEGER',
  src_mac: `unhex(printf('02000000%04x', local))`,
  dst_mac: `unhex('02000000fffe')`,
  exporter: `'10.0.0.1'`,
  exporter_version: '9::UTINYINT',
  direction: 'if(outbound, 1, 0)::UTINYINT',
  src_net: `if(outbound, 'home', 'external')`,
  dst_net: `if(outbound, 'external', 'home')`,
  src_name: 'if(outbound, local_name, remote_name)',
  dst_name: 'if(outbound, remote_name, local_name)',
  src_name_how: 'if(outbound, 3, 1)::UTINYINT',
  dst_name_how: 'if(outbound, 1, 3)::UTINYINT',
  src_org: 'if(outbound, NULL, org)',
  dst_org: 'if(outbound, org, NULL)',
  service: `CASE port WHEN 443 THEN 'https' WHEN 80 THEN 'http' WHEN 53 THEN 'domain' WHEN 22 THEN 'ssh' ELSE 'ntp' END`,
  service_side: 'if(outbound, 2, 1)::UTINYINT',
}

// `hash(i, k)` would do for one k, but the lowest bits of several are the same: all remote hosts of one direction would be odd.
const randomSql = (flows: number, startMs: number): string => `
  SELECT i, ${startMs} AS start_ms, ${flows} AS flows, hash(i * 16 + 1) % 2 = 0 AS outbound, hash(i * 16 + 2) % 1000 AS local,
    hash(i * 16 + 3) % 50000 AS remote, [443, 443, 443, 80, 53, 53, 123, 22][1 + (hash(i * 16 + 4) % 8)::INTEGER]::USMALLINT AS port,
    hash(i * 16 + 5) AS r5, hash(i * 16 + 6) AS r6, (32768 + hash(i * 16 + 7) % 28000)::USMALLINT AS local_port, 1 + hash(i * 16 + 8) % 100 AS packets
  FROM range(${flows}) AS t(i)`

const namedSql = (random: string): string => `
  SELECT *, (3232235520 + local)::UINTEGER AS local_ip, (1342177280 + remote * 7919)::UINTEGER AS remote_ip,
    printf('device-%d.home.arpa', local) AS local_name,
    if(remote % 10 = 0, NULL, printf('host-%d.cdn-%d.example.net', remote, remote % 97)) AS remote_name,
    printf('Example Networks %d', remote % 400) AS org
  FROM (${random})`

/** Writes the day; takes about 10 s for 10 million flows. */
export async function generateDay(dataDir: string, flows: number): Promise<void> {
  const bounds = createDayClock('UTC').bounds(DAY)
  const path = `${DAY}/1-1-1.parquet`
  const file = paths.file(dataDir, path)
  mkdirSync(dirname(file), { recursive: true })
  using duckDb = await openDuckDb({
    directories: [paths.flows(dataDir)],
    temporaryDirectory: join(paths.temporary(dataDir), 'generate'),
    memoryLimitMb: 2000,
    threads: 2,
    preserveOrder: true,
  })
  const connection = await duckDb.connect()
  const columns = PARQUET_COLUMNS.map(({ name, type, absent }) => `(${VALUES[name] ?? absent})::${type} AS ${name}`)
  const source = `SELECT ${columns.join(', ')} FROM (${namedSql(randomSql(flows, bounds.startMs))})`
  const sorted = `SELECT ${PARQUET_COLUMN_NAMES.join(', ')} FROM (${source}) ORDER BY ${closedOrderSql({ ...bounds, rows: flows })}`
  await connection.run(`COPY (${sorted}) TO ${quote(file)} (${copyOptions(CLOSED_LAYOUT)})`)
  const sums = await queryRow(
    connection,
    `SELECT count(*), sum(bytes), sum(packets), min(first_ms), max(last_ms) FROM read_parquet(${quote(file)})`,
  )
  connection.closeSync()
  const [rows, flowBytes, flowPackets, firstMs, lastMs] = sums.map(Number) as [number, number, number, number, number]
  using catalog = openCatalog(dataDir)
  const about = {
    id: 1,
    path,
    day: DAY,
    tier: CLOSED_TIER,
    layout: catalog.currentLayout(),
    bytes: statSync(file).size,
  }
  const stream = { streamCreatedMs: 1, firstSequence: 1, lastSequence: 1, writtenMs: bounds.endMs }
  catalog.rebuild([{ ...about, rows, flowBytes, flowPackets, firstMs, lastMs, ...stream }], [bounds])
  catalog.setClosed(DAY, bounds.endMs)
}
