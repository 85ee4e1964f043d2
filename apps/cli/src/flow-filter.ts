// Which flows of a batch fit the simple conditions of the command line. Works on columns; makes no Flow.
import { type FlowBatch, IPV6_BYTES, isMappedIpv4, mappedIpv4, parseAddress, writeMappedIpv4 } from '@netbehave/schema'
import { CommandError, EXIT } from './exit-codes.ts'

export interface FlowConditions {
  src?: string
  dst?: string
  /** Either side. */
  ip?: string
  /** Either side. */
  port?: number
  protocol?: number
}

/** Does flow `i` of the batch fit? */
export type FlowFilter = (batch: FlowBatch, i: number) => boolean

/** All conditions must hold. Throws CommandError for what is no address or block. */
export function createFlowFilter({ src, dst, ip, port, protocol }: FlowConditions): FlowFilter {
  const tests: FlowFilter[] = []
  if (protocol !== undefined) tests.push((batch, i) => batch.numbers('protocol')[i] === protocol)
  if (port !== undefined) {
    tests.push((batch, i) => batch.numbers('srcPort')[i] === port || batch.numbers('dstPort')[i] === port)
  }
  if (src !== undefined) tests.push(addressTest('srcIp', parseBlock(src)))
  if (dst !== undefined) tests.push(addressTest('dstIp', parseBlock(dst)))
  if (ip !== undefined) {
    const block = parseBlock(ip)
    const [isSrc, isDst] = [addressTest('srcIp', block), addressTest('dstIp', block)]
    tests.push((batch, i) => isSrc(batch, i) || isDst(batch, i))
  }
  return (batch, i) => tests.every((test) => test(batch, i))
}

/** An address block as 16 bytes (IPv4 mapped) and the bits that count. */
interface Block {
  bytes: Uint8Array
  bits: number
}

function parseBlock(text: string): Block {
  const [addressText = '', prefixText, ...more] = text.trim().split('/')
  const address = parseAddress(addressText)
  const isIpv4 = typeof address === 'number'
  const skipped = isIpv4 && !addressText.includes(':') ? 96 : 0
  const bits = prefixText === undefined ? 128 : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) + skipped : -1
  if (address === undefined || more.length > 0 || bits < (isIpv4 ? 96 : 0) || bits > 128) {
    const sentence = `"${text}" is no address: write 192.0.2.7, 2001:db8::7 or a block like 192.0.2.0/24`
    throw new CommandError(sentence, EXIT.usage)
  }
  const bytes = isIpv4 ? new Uint8Array(IPV6_BYTES) : address
  if (isIpv4) writeMappedIpv4(bytes, 0, address)
  return { bytes, bits }
}

function addressTest(column: 'srcIp' | 'dstIp', block: Block): FlowFilter {
  // An IPv4 block never holds an IPv6 address, and an IPv6 block no IPv4 one, as in search.
  const isIpv4 = isMappedIpv4(block.bytes) && block.bits >= 96
  const shift = 128 - block.bits
  const wanted = isIpv4 && shift < 32 ? mappedIpv4(block.bytes) >>> shift : 0
  const fitsIpv4 = (address: number): boolean => isIpv4 && (shift === 32 || address >>> shift === wanted)
  return (batch, i) => {
    const view = batch.address(column)
    if (!view) return fitsIpv4(0)
    if (view.v4) return fitsIpv4(view.v4[i]!)
    const at = i * IPV6_BYTES
    if (isMappedIpv4(view.v6, at)) return fitsIpv4(mappedIpv4(view.v6, at))
    return !isIpv4 && sameBits(view.v6, at, block)
  }
}

function sameBits(bytes: Uint8Array, offset: number, block: Block): boolean {
  const whole = block.bits >> 3
  for (let i = 0; i < whole; i++) if (bytes[offset + i] !== block.bytes[i]) return false
  const rest = block.bits & 7
  return rest === 0 || (bytes[offset + whole]! ^ block.bytes[whole]!) >> (8 - rest) === 0
}
