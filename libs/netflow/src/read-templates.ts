// A template set or options template set → definitions in the store, and the sets that had waited for them decoded.
import { allZero } from './bytes.ts'
import type { DatagramContext } from './datagram-context.ts'
import { decodeDataSet } from './decode-data-set.ts'
import type { Template } from './exporter-state.ts'
import type { ExporterStore } from './exporter-store.ts'
import { scanTemplate, type TemplateKind } from './template.ts'

/** `at` to `end`: the set's contents without its header. */
export function readTemplates(
  context: DatagramContext,
  store: ExporterStore,
  kind: TemplateKind,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const { domain, result, limits } = context
  while (end - at >= 4) {
    if (bytes[at] === 0 && bytes[at + 1] === 0 && allZero(bytes, at, end)) break
    const scan = scanTemplate(bytes, at, end, domain.version, kind, limits.maxFieldsPerTemplate)
    const { id, end: next, fields, refused } = scan
    context.definitions++
    if (refused === undefined) {
      result.decodedBytes += next - at
      define(context, store, kind, id, fields, bytes, at + 2, next)
    } else {
      context.count(refused)
      if (refused === 'template-withdrawal') result.decodedBytes += next - at
      else result.skippedBytes += next - at
    }
    at = next
  }
  result.paddingBytes += end - at
}

function define(
  context: DatagramContext,
  store: ExporterStore,
  kind: TemplateKind,
  id: number,
  fields: number,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  const { domain, port, receivedMs } = context
  const defined = store.define(domain, id, kind, fields, bytes, at, end, port, receivedMs)
  if (defined?.isNew) decodeWaited(context, store, defined.template)
}

/** Decodes the sets that waited for a template of the context's domain; of the context's result only rows and problems change. */
export function decodeWaited(context: DatagramContext, store: ExporterStore, template: Template): void {
  const { domain, run, receivedMs } = context
  const { id } = template
  if (!domain.awaiting?.has(id)) return
  const waited = store.held.take(domain, id, (held) => domain.template(id, held.port) === template)
  if (waited.length === 0) return
  const { view, exportMs, headerMs, uptimeMs } = run
  const { records, recordsKnown } = context
  const { decodedBytes, paddingBytes, skippedBytes } = context.result
  for (const held of waited) {
    run.view = new DataView(held.bytes.buffer, held.bytes.byteOffset, held.bytes.byteLength)
    run.exportMs = held.exportMs
    run.headerMs = held.headerMs
    run.uptimeMs = held.uptimeMs
    context.receivedMs = held.receivedMs
    decodeDataSet(context, store, template, held.bytes, 0, held.bytes.length)
  }
  run.view = view
  run.exportMs = exportMs
  run.headerMs = headerMs
  run.uptimeMs = uptimeMs
  context.receivedMs = receivedMs
  // The waiting sets' bytes and records were another datagram's.
  context.records = records
  context.recordsKnown = recordsKnown
  Object.assign(context.result, { decodedBytes, paddingBytes, skippedBytes })
}
