// The order in which the rows of a flush are written: by source, then destination. Equal addresses, names and networks then
// stand together, which takes a fifth off a file, and a row group holds few sources, so that a search skips most of them.
import { AddressColumn, type RowOrder } from './staged-column.ts'
import type { StagedFlows } from './staged-flows.ts'

const DIGIT_BITS = 11
const DIGITS = 1 << DIGIT_BITS

/** The staged rows, sorted by IPv4 source and destination (IPv6 as 0: first, as they came). Stable. */
export function addressOrder(flows: StagedFlows): RowOrder {
  let order: RowOrder = new Uint32Array(flows.length)
  for (let i = 0; i < order.length; i++) order[i] = i
  for (const name of ['dst_ip', 'src_ip']) {
    const column = flows.columns.get(name)
    if (column instanceof AddressColumn) order = sortBy(column.ipv4, order)
  }
  return order
}

/** Least significant digit first: three passes over 32 bits, a few nanoseconds a row. */
function sortBy(keys: Uint32Array, order: RowOrder): RowOrder {
  let from = order
  let to = new Uint32Array(order.length)
  const counts = new Uint32Array(DIGITS)
  for (let shift = 0; shift < 32; shift += DIGIT_BITS) {
    counts.fill(0)
    for (let i = 0; i < from.length; i++) counts[(keys[from[i]!]! >>> shift) & (DIGITS - 1)]!++
    let start = 0
    for (let digit = 0; digit < DIGITS; digit++) {
      const count = counts[digit]!
      counts[digit] = start
      start += count
    }
    for (let i = 0; i < from.length; i++) to[counts[(keys[from[i]!]! >>> shift) & (DIGITS - 1)]!++] = from[i]!
    ;[from, to] = [to, from]
  }
  return from
}
