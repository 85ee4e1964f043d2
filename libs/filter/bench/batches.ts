// Batches as the enricher sees them: 1,000 local hosts, 50,000 remote ones with names and holders, every batch with dictionaries
// of its own, as they come off the wire. Seeded, so that two runs see the same flows.
import {
  decodeFlowBatch,
  encodeFlowBatch,
  type FlowBatch,
  FlowBatchBuilder,
  parseAddressBytes,
} from '@netbehave/schema'

const LOCAL_HOSTS = 1000
const REMOTE_HOSTS = 50_000
const PORTS = [443, 443, 443, 443, 80, 53, 53, 853, 123, 22, 993, 5222, 8888, 3478, 51820]
const ZONES = [
  'example.com',
  'example.net',
  'cloudfront.net',
  'akamaiedge.net',
  'example.org',
  'silicondust.net',
  'ampproject.net',
]
const ORGS = ['GOOGLE', 'AMAZON-02', 'EXAMPLE-NET', 'AKAMAI', 'FASTLY', 'CLOUDFLARENET']

export interface BatchOptions {
  readonly batches: number
  readonly flows: number
  /** Share of flows with IPv6 addresses. */
  readonly ipv6?: number
  /** Are the names of each batch new ones? Else they are those of the remote hosts. */
  readonly newNames?: boolean
}

export function makeBatches({ batches, flows, ipv6 = 0, newNames = false }: BatchOptions): FlowBatch[] {
  const random = seededRandom(7)
  const builder = new FlowBatchBuilder(flows)
  return Array.from({ length: batches }, (_, batch) => {
    for (let i = 0; i < flows; i++) addFlow(builder, i, random, ipv6, newNames ? `n${batch}` : '')
    builder.commit(flows)
    for (const column of COLUMNS) builder.touch(column)
    const sealed = builder.seal({ site: 'bench', collector: 'bench', seq: batch, received: Date.UTC(2026, 0, 6) })
    return decodeFlowBatch(encodeFlowBatch(sealed))
  })
}

const COLUMNS = [
  'first',
  'last',
  'srcIp',
  'dstIp',
  'srcPort',
  'dstPort',
  'protocol',
  'tcpFlags',
  'bytes',
  'packets',
  'srcName',
  'dstName',
  'srcOrg',
  'dstOrg',
  'service',
  'srcNet',
  'dstNet',
] as const

function addFlow(
  builder: FlowBatchBuilder,
  i: number,
  random: (below: number) => number,
  ipv6: number,
  prefix: string,
) {
  const { rows, dictionaries } = builder
  const host = random(REMOTE_HOSTS)
  const port = PORTS[random(PORTS.length)]!
  const remoteIsSource = random(2) === 0
  const [remote, local] = remoteIsSource ? (['src', 'dst'] as const) : (['dst', 'src'] as const)
  rows.first[i] = Date.UTC(2026, 0, 6) + random(60_000)
  rows.last[i] = rows.first[i]! + random(30_000)
  if (random(1000) < ipv6 * 1000) {
    rows[`${remote}Ip`].set6(
      i,
      parseAddressBytes(`2001:db8:${(host >> 8).toString(16)}::${(host & 255).toString(16)}`)!,
      0,
    )
    rows[`${local}Ip`].set6(i, parseAddressBytes(`fd00::${random(LOCAL_HOSTS).toString(16)}`)!, 0)
  } else {
    rows[`${remote}Ip`].v4[i] = host % 500 === 0 ? 0x08080808 : 0x17000000 + host * 251
    rows[`${local}Ip`].v4[i] = 0xc0a80100 + random(LOCAL_HOSTS)
  }
  rows[`${remote}Port`][i] = port
  rows[`${local}Port`][i] = 32_768 + random(28_000)
  rows.protocol[i] = port === 53 || port === 123 || port === 8888 ? 17 : random(50) === 0 ? 1 : 6
  rows.tcpFlags[i] = 0x1b
  rows.packets[i] = 1 + random(200)
  rows.bytes[i] = rows.packets[i]! * (40 + random(1400))
  const name = host % 4 === 0 ? '' : `host-${prefix}${host}.${ZONES[host % ZONES.length]}`
  rows[`${remote}Name`][i] = dictionaries.name.add(name)
  rows[`${remote}Org`][i] = dictionaries.org.add(ORGS[host % ORGS.length]!)
  rows[`${remote}Net`][i] = dictionaries.net.add('external')
  rows[`${local}Net`][i] = dictionaries.net.add('home')
  rows.service[i] = dictionaries.service.add(port === 443 ? 'https' : port === 53 ? 'dns' : `port-${port}`)
}

/** Whole numbers below a bound (mulberry32). */
function seededRandom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
