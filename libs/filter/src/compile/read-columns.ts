// The values of a field in a batch, by column: numbers, texts, addresses; one value where all flows have the same.
import {
  type AddressColumn,
  type AddressView,
  columnSpec,
  type DictionaryName,
  type ExporterEntry,
  type FlowBatch,
  type IndexColumn,
  IPV6_BYTES,
  isMappedIpv4,
  MAC_BYTES,
  type NumberColumn,
  type Numbers,
  TableTexts,
} from '@netbehave/schema'
import type { Field } from '../fields.ts'

/** One number a flow, or the number that all flows have. A MAC is its 48 bits, 0 where there is none. */
export function readNumbers(field: Field, batch: FlowBatch): number | Numbers {
  switch (field.source) {
    case 'duration':
      return durations(batch)
    case 'ip.version':
      return ipVersions(batch)
    case 'exporter.domain':
      return ofExporter(batch, ({ domain }) => domain)
    case 'exporter.version':
      return ofExporter(batch, ({ version }) => version)
    case 'srcMac':
    case 'dstMac':
      return macs(batch.macs(field.source))
    default: {
      const column = field.source as NumberColumn
      return batch.scalar(column) ?? batch.numbers(column)
    }
  }
}

/** Indices into texts, one a flow or one for all; an empty text is no value. */
export interface TextColumn {
  readonly indices: number | Numbers
  readonly dictionary: readonly string[] | TableTexts
}

export const textsIn = (dictionary: TextColumn['dictionary']): readonly string[] =>
  dictionary instanceof TableTexts ? dictionary.texts() : dictionary

export function readTexts(field: Field, batch: FlowBatch): TextColumn {
  if (field.source === 'site') return { indices: 0, dictionary: [batch.fields.site] }
  const column = field.source as IndexColumn
  const indices = batch.scalar(column) ?? batch.numbers(column)
  if (column === 'exporter') return { indices, dictionary: batch.exporters.map(({ ip }) => ip) }
  return { indices, dictionary: batch.dictionary(columnSpec(column).dictionary as Exclude<DictionaryName, 'exporter'>) }
}

/** Addresses; undefined when no flow has one, which for the flow's own addresses means that all are 0.0.0.0. */
export function readAddresses(field: Field, batch: FlowBatch): AddressView | undefined {
  return batch.address(field.source as AddressColumn)
}

function durations(batch: FlowBatch): Float64Array {
  const first = batch.times('first')
  const last = batch.times('last')
  const durations = new Float64Array(batch.length)
  for (let i = 0; i < durations.length; i++) durations[i] = last[i]! - first[i]!
  return durations
}

function ipVersions(batch: FlowBatch): number | Numbers {
  const { v6 } = batch.address('srcIp') ?? {}
  if (!v6) return 4
  return Uint8Array.from({ length: batch.length }, (_, i) => (isMappedIpv4(v6, i * IPV6_BYTES) ? 4 : 6))
}

/** A flow without an exporter has 0. */
function ofExporter(batch: FlowBatch, part: (entry: ExporterEntry) => number): number | Numbers {
  const parts = batch.exporters.map((entry) => (entry.ip === '' ? 0 : part(entry)))
  const index = batch.scalar('exporter')
  if (index !== undefined) return parts[index]!
  return Float64Array.from(batch.numbers('exporter'), (at) => parts[at]!)
}

function macs(bytes: Uint8Array | undefined): number | Numbers {
  if (!bytes) return 0
  const macs = new Float64Array(bytes.length / MAC_BYTES)
  for (let i = 0, at = 0; i < macs.length; i++, at += MAC_BYTES) {
    const high = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!
    const low = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!
    macs[i] = high * 0x100_0000 + low
  }
  return macs
}
