// A process that sends the flows of an archive to a NetFlow collector: `node send-day.ts DATA_DIR PORT`. Ends by itself.
// NetFlow 9, the 17 fields of workload W, IPv4. Waits while the collector's socket holds much, so that nothing is dropped.
// Out: one JSON line, {"flows":N}.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DuckDBBlobValue, DuckDBValue } from '@duckdb/node-api'
import { openCatalogToRead } from '../src/catalog.ts'
import { paths } from '../src/day.ts'
import { openDuckDb } from '../src/duckdb.ts'
import { sourceSql } from '../src/source.ts'

/** Column, information element, bytes: a record is 53 bytes. */
const FIELDS = [
  ['last_ms', 21, 4],
  ['first_ms', 22, 4],
  ['bytes', 1, 4],
  ['packets', 2, 4],
  ['in_if', 10, 4],
  ['out_if', 14, 4],
  ['src_ip4', 8, 4],
  ['dst_ip4', 12, 4],
  ['protocol', 4, 1],
  ['tos', 5, 1],
  ['src_port', 7, 2],
  ['dst_port', 11, 2],
  ['src_mac', 56, 6],
  ['dst_mac', 57, 6],
  ['tcp_flags', 6, 1],
  ['direction', 61, 1],
  ['4', 60, 1],
] as const
const RECORD_BYTES = FIELDS.reduce((sum, [, , bytes]) => sum + bytes, 0)
const TEMPLATE = 256
/** 27 kB datagrams: loopback takes them, and there are few. */
const RECORDS = 512
const MOST_QUEUED_BYTES = 1 << 20

const [dataDir = '', portText = ''] = process.argv.slice(2)
const port = Number(portText)
const socket = createSocket({ type: 'udp4', sendBufferSize: 1 << 20 })
socket.connect(port, '127.0.0.1')
await once(socket, 'connect')

const catalog = openCatalogToRead(dataDir)!
const files = catalog.allFiles()
const duckDb = await openDuckDb({
  directories: [paths.flows(dataDir)],
  temporaryDirectory: join(paths.temporary(dataDir), 'send'),
  memoryLimitMb: 500,
  threads: 1,
})
/** Times in a record are ms of uptime; the exporter has run since before the first flow. */
const bootMs = Math.min(...files.map(({ firstMs }) => firstMs)) - 60_000
const endMs = Math.max(...files.map(({ lastMs }) => lastMs))
let sequence = 0
let flows = 0

await send(templateDatagram())
const connection = await duckDb.connect()
const columns = FIELDS.map(([column]) => column).join(', ')
const result = await connection.stream(`SELECT ${columns} FROM ${sourceSql(dataDir, files, catalog.layouts())}`)
for (;;) {
  const chunk = await result.fetchChunk()
  if (!chunk || chunk.rowCount === 0) break
  const values = FIELDS.map((_, i) => chunk.getColumnValues(i))
  for (let from = 0; from < chunk.rowCount; from += RECORDS) {
    await send(dataDatagram(values, from, Math.min(RECORDS, chunk.rowCount - from)))
  }
  flows += chunk.rowCount
}
connection.closeSync()
duckDb[Symbol.dispose]()
catalog[Symbol.dispose]()
socket.close()
process.stdout.write(`${JSON.stringify({ flows })}\n`)

/** Header (RFC 3954 §5.1): version, count, uptime, seconds, sequence, source id. */
function header(count: number, bytes: number): Buffer {
  const datagram = Buffer.alloc(20 + bytes)
  datagram.writeUInt16BE(9, 0)
  datagram.writeUInt16BE(count, 2)
  datagram.writeUInt32BE(Math.ceil(endMs / 1000) * 1000 - bootMs, 4)
  datagram.writeUInt32BE(Math.ceil(endMs / 1000), 8)
  datagram.writeUInt32BE(sequence++, 12)
  return datagram
}

function templateDatagram(): Buffer {
  const datagram = header(1, 8 + FIELDS.length * 4)
  datagram.writeUInt16BE(0, 20)
  datagram.writeUInt16BE(8 + FIELDS.length * 4, 22)
  datagram.writeUInt16BE(TEMPLATE, 24)
  datagram.writeUInt16BE(FIELDS.length, 26)
  FIELDS.forEach(([, element, bytes], i) => {
    datagram.writeUInt16BE(element, 28 + i * 4)
    datagram.writeUInt16BE(bytes, 30 + i * 4)
  })
  return datagram
}

function dataDatagram(values: readonly (readonly DuckDBValue[])[], from: number, rows: number): Buffer {
  const setBytes = 4 + rows * RECORD_BYTES
  const padding = (4 - (setBytes % 4)) % 4
  const datagram = header(rows, setBytes + padding)
  datagram.writeUInt16BE(TEMPLATE, 20)
  datagram.writeUInt16BE(setBytes + padding, 22)
  let at = 24
  for (let row = from; row < from + rows; row++) {
    FIELDS.forEach(([column, , bytes], i) => {
      const value = values[i]![row]
      if (bytes === 6) datagram.set((value as DuckDBBlobValue).bytes, at)
      else datagram.writeUIntBE(column.endsWith('_ms') ? Number(value) - bootMs : Number(value), at, bytes)
      at += bytes
    })
  }
  return datagram
}

async function send(datagram: Buffer): Promise<void> {
  while (queuedBytes() > MOST_QUEUED_BYTES) await new Promise((resolve) => setTimeout(resolve, 1))
  await new Promise<void>((resolve, reject) => {
    socket.send(datagram, (error) => (error ? reject(error) : resolve()))
  })
}

/** What waits in the receiver's socket: rx_queue of /proc/net/udp (proc_net_udp(5)). */
function queuedBytes(): number {
  const hexPort = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const line = readFileSync('/proc/net/udp', 'latin1')
    .split('\n')
    .find((one) => one.trim().split(/\s+/)[1]?.endsWith(hexPort))
  return line ? Number.parseInt(line.trim().split(/\s+/)[4]!.split(':')[1]!, 16) : 0
}
