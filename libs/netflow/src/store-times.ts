// Loops for times. All become epoch ms; what is not told stays 0, and the length of a flow of which one end is not known is
// written as a negative number. append-records.ts settles both.
import { viewUint } from './bytes.ts'
import type { Op, RunContext } from './operation.ts'

const TWO_32 = 4_294_967_296
/** Seconds between the NTP epoch, 1900, and the Unix epoch. */
const NTP_UNIX_SECONDS = 2_208_988_800

/** ms since the exporter's start → epoch ms: the 32-bit modular difference to the header's uptime survives its wrap. */
export function storeUptime(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  if (run.uptimeMs < 0 || op.length !== 4 || op.whereEmpty || op.clock?.init !== undefined) {
    storeUptimeByOtherClock(op, run, row, n, record, stride)
    return
  }
  const rows = op.rows as Float64Array
  const view = run.view
  const exportMs = run.exportMs
  const uptimeMs = run.uptimeMs | 0
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    rows[row] = exportMs + ((view.getInt32(at) - uptimeMs) | 0)
  }
}

/**
 * IPFIX has no uptime in its header. With the exporter's start in the record (IE 160) the uptime is the time since then; with
 * nothing at all the flow is taken to have ended at the export, so that at least its length is true.
 */
function storeUptimeByOtherClock(
  op: Op,
  run: RunContext,
  row: number,
  n: number,
  record: number,
  stride: number,
): void {
  const rows = op.rows as Float64Array
  const { view } = run
  const init = op.clock?.init
  const last = op.clock?.end ?? op
  for (let end = row + n; row < end; row++, record += stride) {
    if (op.whereEmpty && rows[row] !== 0) continue
    const initMs = init ? viewUint(view, record + init.offset, init.length) : 0
    let uptimeMs = run.uptimeMs
    if (initMs > 0) uptimeMs = run.headerMs - initMs
    else if (uptimeMs < 0) uptimeMs = viewUint(view, record + last.offset, last.length)
    rows[row] = run.exportMs + ((viewUint(view, record + op.offset, op.length) - uptimeMs) | 0)
  }
}

export function storeMs(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Float64Array
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (!op.whereEmpty || rows[row] === 0) rows[row] = viewUint(run.view, at, op.length)
  }
}

export function storeSeconds(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Float64Array
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (!op.whereEmpty || rows[row] === 0) rows[row] = viewUint(run.view, at, op.length) * 1000
  }
}

/** µs before the export (RFC 7011, IEs 158 and 159). */
export function storeDeltaUs(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Float64Array
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (op.whereEmpty && rows[row] !== 0) continue
    rows[row] = Math.floor(run.exportMs - viewUint(run.view, at, op.length) / 1000)
  }
}

export function storeNtp(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Float64Array
  const view = run.view
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (!op.whereEmpty || rows[row] === 0) rows[row] = ntpMs(view.getUint32(at), view.getUint32(at + 4))
  }
}

/**
 * NTP timestamp (RFC 7011 §6.1.9, §6.1.10) → epoch ms. Some exporters send plain µs or ns since 1970 in these fields, which
 * read as NTP would lie before 1970.
 */
function ntpMs(high: number, low: number): number {
  if (high >= NTP_UNIX_SECONDS) return (high - NTP_UNIX_SECONDS) * 1000 + Math.floor((low / TWO_32) * 1000)
  const value = high * TWO_32 + low
  return Math.floor(high < 0x1000000 ? value / 1000 : value / 1_000_000)
}

export function storeDurationMs(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Float64Array
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (rows[row] === 0) rows[row] = -viewUint(run.view, at, op.length)
  }
}

export function storeDurationUs(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Float64Array
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (rows[row] === 0) rows[row] = -Math.round(viewUint(run.view, at, op.length) / 1000)
  }
}
