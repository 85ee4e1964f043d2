// The contents of a data set, by its template: rows for a data template, what options records teach for an options template.
import { appendFixed, appendVariable } from './append-records.ts'
import { allZero } from './bytes.ts'
import { compileTemplate } from './compile-template.ts'
import type { DatagramContext } from './datagram-context.ts'
import type { Template } from './exporter-state.ts'
import type { ExporterStore } from './exporter-store.ts'
import { readOptions } from './read-options.ts'
import { readFields } from './template.ts'

/** Padding is shorter (RFC 3954 §5.3: to a 4-byte boundary); more is believed to be padding when it is zero. */
const PADDING_BYTES = 3

/** `at` to `end`: the set's contents without its header, in `bytes` and in the context's view of them. `truncated`: the set was cut by the datagram's end. */
export function decodeDataSet(
  context: DatagramContext,
  store: ExporterStore,
  template: Template,
  bytes: Uint8Array,
  at: number,
  end: number,
  truncated = false,
): void {
  const { result, domain } = context
  let next: number
  if (template.kind === 'options') {
    template.options ??= readFields(template.definition, domain.version, 'options')
    next = readOptions(context, store, template.options, bytes, at, end)
  } else {
    const appended = result.appended
    next = appendData(context, template, bytes, at, end)
    context.records += result.appended - appended
    domain.flows += result.appended - appended
  }
  result.decodedBytes += next - at
  const rest = end - next
  if (rest === 0) return
  if (!truncated && (rest <= PADDING_BYTES || allZero(bytes, next, end))) {
    result.paddingBytes += rest
    return
  }
  result.skippedBytes += rest
  context.recordsKnown = false
  if (!truncated) context.count('trailing-bytes')
}

function appendData(context: DatagramContext, template: Template, bytes: Uint8Array, at: number, end: number): number {
  const domain = context.domain
  const program = (template.program ??= compileTemplate(readFields(template.definition, domain.version, 'data')))
  context.defaultRate = domain.headerRate > 1 ? domain.headerRate : domain.defaultRate
  context.run.samplers = domain.samplers
  if (program.stride === 0) return appendVariable(context, program, bytes, at, end)
  const count = Math.floor((end - at) / program.stride)
  if (count === 0) return at
  return at + appendFixed(context, program, at, count) * program.stride
}
