// Step denat: puts the inside host back where a router translated addresses. In and out: rows of a batch being built,
// after normalise. First the exporter's own post-NAT fields, then a remembered pair, then a labelled guess (docs/architecture.md).
// After it `natSrcIp`… hold the side's address as it was outside, so nothing is lost. Fails: never.
import type { AddressRows, FlowBatchBuilder } from '@netbehave/schema'
import type { NatTable } from './nat-table.ts'
import type { Networks } from './networks.ts'
import { networkAt, networkIndex } from './normalise.ts'

/** Values of column `denat`. */
export const DENAT = { none: 0, exporter: 1, remembered: 2, guessed: 3 } as const

export type DenatMode = 'guess' | 'remember' | 'exporter' | 'off'

export interface DenatCounters {
  exporter: number
  remembered: number
  guessed: number
}

const ICMP = 1

export function denat(
  batch: FlowBatchBuilder,
  table: NatTable,
  networks: Networks,
  mode: DenatMode,
  counters: DenatCounters,
): void {
  if (mode === 'off') return
  const told =
    batch.isTouched('natSrcIp') || batch.isTouched('natDstIp')
      ? applyToldTranslations(batch, table, networks, counters)
      : undefined
  if (mode === 'exporter') return
  const { rows } = batch
  const { inside, outside } = networks
  const { srcIp, dstIp, srcNet, dstNet } = rows
  const src4 = srcIp.v4
  const dst4 = dstIp.v4
  const any6 = srcIp.any6 || dstIp.any6
  let candidates = 0
  for (let i = 0; i < batch.length; i++) candidates += outside[srcNet[i]! - 1]! & outside[dstNet[i]! - 1]!
  // Guesses are prepared for only while flows between two outside addresses turn up: most installations have none.
  if (candidates > 0) table.sawCandidates(rows.last[batch.length - 1]!)
  const guessing = mode === 'guess' && table.expectsCandidates(rows.last[batch.length - 1]!)
  // First all that left, then all that came: the answer may stand before its question.
  for (let i = 0; guessing && i < batch.length; i++) {
    if (!inside[srcNet[i]! - 1] || !outside[dstNet[i]! - 1]) continue
    if (told?.[i] || (any6 && (srcIp.is6[i] || dstIp.is6[i]))) continue
    const protocol = rows.protocol[i]!
    const isIcmp = protocol === ICMP
    const srcPort = isIcmp ? 0 : rows.srcPort[i]!
    table.rememberOutgoing(
      protocol,
      src4[i]!,
      srcPort,
      dst4[i]!,
      isIcmp ? 0 : rows.dstPort[i]!,
      rows.first[i]!,
      rows.last[i]!,
    )
  }
  for (let i = 0; candidates > 0 && i < batch.length; i++) {
    if (!outside[srcNet[i]! - 1] || !outside[dstNet[i]! - 1]) continue
    if (told?.[i] || (any6 && (srcIp.is6[i] || dstIp.is6[i]))) continue
    findInsideHost(batch, i, table, networks, guessing, counters)
  }
}

/** A flow between two outside addresses: is one of them our router's? */
function findInsideHost(
  batch: FlowBatchBuilder,
  i: number,
  table: NatTable,
  networks: Networks,
  guessing: boolean,
  counters: DenatCounters,
): void {
  const { rows } = batch
  const protocol = rows.protocol[i]!
  const isIcmp = protocol === ICMP
  const src = rows.srcIp.v4[i]!
  const dst = rows.dstIp.v4[i]!
  const srcPort = isIcmp ? 0 : rows.srcPort[i]!
  const dstPort = isIcmp ? 0 : rows.dstPort[i]!
  const first = rows.first[i]!
  const last = rows.last[i]!
  let how: number = DENAT.remembered
  let host = table.findPair(protocol, dst, dstPort, src, srcPort, first, last)
  if (!host) {
    // The same connection on its way out, seen behind the translation.
    host = table.findPair(protocol, src, srcPort, dst, dstPort, first, last)
    if (host) {
      putBack(batch, 'src', i, host.ip, isIcmp ? undefined : host.port, how, networks, counters)
      return
    }
    if (!guessing) return
    how = DENAT.guessed
    host = table.findOutgoing(protocol, dstPort, src, srcPort, first, last)
    if (!host) return
  }
  putBack(batch, 'dst', i, host.ip, isIcmp ? undefined : host.port, how, networks, counters)
}

function putBack(
  batch: FlowBatchBuilder,
  side: 'src' | 'dst',
  i: number,
  ip: number,
  port: number | undefined,
  how: number,
  networks: Networks,
  counters: DenatCounters,
): void {
  const { rows } = batch
  const address = side === 'src' ? rows.srcIp : rows.dstIp
  const portRows = side === 'src' ? rows.srcPort : rows.dstPort
  const natAddress = side === 'src' ? rows.natSrcIp : rows.natDstIp
  const natPort = side === 'src' ? rows.natSrcPort : rows.natDstPort
  natAddress.v4[i] = address.v4[i]!
  natPort[i] = portRows[i]!
  address.v4[i] = ip
  if (port !== undefined) portRows[i] = port
  const net = side === 'src' ? rows.srcNet : rows.dstNet
  net[i] = networkIndex(networks.ofIpv4(ip))
  rows.denat[i] = how
  batch.touch(side === 'src' ? 'natSrcIp' : 'natDstIp')
  batch.touch(side === 'src' ? 'natSrcPort' : 'natDstPort')
  batch.touch('denat')
  if (how === DENAT.guessed) counters.guessed++
  else counters.remembered++
}

/**
 * The exporter's own fields: a side whose translated address is the inside one changes places with it; the pair is
 * remembered for the answers. Returns which rows were told about.
 */
function applyToldTranslations(
  batch: FlowBatchBuilder,
  table: NatTable,
  networks: Networks,
  counters: DenatCounters,
): Uint8Array {
  const told = new Uint8Array(batch.length)
  const { rows } = batch
  for (let i = 0; i < batch.length; i++) {
    const src = applyToldSide(rows.srcIp, rows.natSrcIp, rows.srcPort, rows.natSrcPort, rows.srcNet, i, networks)
    const dst = applyToldSide(rows.dstIp, rows.natDstIp, rows.dstPort, rows.natDstPort, rows.dstNet, i, networks)
    if (!src && !dst) continue
    told[i] = 1
    rows.denat[i] = DENAT.exporter
    counters.exporter++
    if (src)
      rememberTold(
        batch,
        i,
        table,
        rows.srcIp,
        rows.natSrcIp,
        rows.srcPort[i]!,
        rows.natSrcPort[i]!,
        rows.dstIp,
        rows.dstPort[i]!,
      )
    if (dst)
      rememberTold(
        batch,
        i,
        table,
        rows.dstIp,
        rows.natDstIp,
        rows.dstPort[i]!,
        rows.natDstPort[i]!,
        rows.srcIp,
        rows.srcPort[i]!,
      )
  }
  batch.touch('denat')
  batch.touch('natSrcPort')
  batch.touch('natDstPort')
  return told
}

type Ports = Uint8Array | Uint16Array | Uint32Array | Float64Array

/** True when this side was translated between an inside and an outside address; the inside one is then in `address`. */
function applyToldSide(
  address: AddressRows,
  natAddress: AddressRows,
  port: Ports,
  natPort: Ports,
  net: Uint16Array,
  i: number,
  networks: Networks,
): boolean {
  if (natAddress.isEmpty(i)) return false
  const network = net[i]! - 1
  const natNetwork = networkAt(natAddress, i, networks)
  if (networks.inside[network] === networks.inside[natNetwork]) return false
  // An exporter that tells the address but no port kept the port.
  if (natPort[i] === 0) natPort[i] = port[i]!
  if (networks.inside[network]) return true
  swapAddress(address, natAddress, i)
  const outsidePort = port[i]!
  port[i] = natPort[i]!
  natPort[i] = outsidePort
  net[i] = networkIndex(natNetwork)
  return true
}

function swapAddress(a: AddressRows, b: AddressRows, i: number): void {
  if (a.is6[i] || b.is6[i]) {
    const aBytes = a.is6[i] ? a.v6.slice(i * 16, i * 16 + 16) : undefined
    const a4 = a.v4[i]!
    a.copyRow(i, b, i)
    if (aBytes) b.set6(i, aBytes, 0)
    else {
      b.v4[i] = a4
      b.is6[i] = 0
    }
    return
  }
  const address = a.v4[i]!
  a.v4[i] = b.v4[i]!
  b.v4[i] = address
}

function rememberTold(
  batch: FlowBatchBuilder,
  i: number,
  table: NatTable,
  insideAddress: AddressRows,
  outsideAddress: AddressRows,
  insidePort: number,
  outsidePort: number,
  remoteAddress: AddressRows,
  remotePort: number,
): void {
  if (insideAddress.is6[i] || outsideAddress.is6[i] || remoteAddress.is6[i]) return
  const { rows } = batch
  const protocol = rows.protocol[i]!
  const isIcmp = protocol === ICMP
  table.rememberPair(
    protocol,
    outsideAddress.v4[i]!,
    isIcmp ? 0 : outsidePort,
    remoteAddress.v4[i]!,
    isIcmp ? 0 : remotePort,
    insideAddress.v4[i]!,
    isIcmp ? 0 : insidePort,
    rows.first[i]!,
    rows.last[i]!,
  )
}
