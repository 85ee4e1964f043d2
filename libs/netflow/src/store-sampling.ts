// Loops for sampling: 1 in N, told by the record itself or by the options record of its sampler. A row that stays 0 was told
// nothing; append-records.ts gives it the domain's rate.
import { viewUint } from './bytes.ts'
import type { Op, RunContext } from './operation.ts'

const TWO_32 = 4_294_967_296

export function storeRate(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Uint32Array
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (!op.whereEmpty || rows[row] === 0) rows[row] = asRate(viewUint(run.view, at, op.length))
  }
}

/** IEs 305 and 306: of `selected` + `space` packets `selected` were looked at. */
export function storeSelectedSpace(
  op: Op,
  run: RunContext,
  row: number,
  n: number,
  record: number,
  stride: number,
): void {
  const rows = op.rows as Uint32Array
  for (let end = row + n; row < end; row++, record += stride) {
    if (op.whereEmpty && rows[row] !== 0) continue
    const selected = viewUint(run.view, record + op.offset, op.length)
    rows[row] = rateOfSpace(selected, viewUint(run.view, record + op.offset2, op.length2))
  }
}

/** IEs 309 and 310: `size` packets of each `population` were looked at. */
export function storeSizePopulation(
  op: Op,
  run: RunContext,
  row: number,
  n: number,
  record: number,
  stride: number,
): void {
  const rows = op.rows as Uint32Array
  for (let end = row + n; row < end; row++, record += stride) {
    if (op.whereEmpty && rows[row] !== 0) continue
    const size = viewUint(run.view, record + op.offset, op.length)
    rows[row] = rateOfPopulation(size, viewUint(run.view, record + op.offset2, op.length2))
  }
}

/** IEs 48 and 302. Sampler 0 is "not sampled" where no options record says otherwise. */
export function storeSampler(op: Op, run: RunContext, row: number, n: number, record: number, stride: number): void {
  const rows = op.rows as Uint32Array
  for (let at = record + op.offset, end = row + n; row < end; row++, at += stride) {
    if (op.whereEmpty && rows[row] !== 0) continue
    const id = viewUint(run.view, at, op.length)
    rows[row] = run.samplers?.get(id) ?? (id === 0 ? 1 : 0)
  }
}

/** N of "1 in N"; 0 when it says nothing. */
export function asRate(rate: number): number {
  const rounded = Math.round(rate)
  return rounded >= 1 && rounded < TWO_32 ? rounded : 0
}

export const rateOfSpace = (selected: number, space: number): number =>
  selected > 0 ? asRate((selected + space) / selected) : 0

export const rateOfPopulation = (size: number, population: number): number => (size > 0 ? asRate(population / size) : 0)
