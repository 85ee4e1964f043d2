// NetFlow 1, 5 and 7: fixed records, written down as templates and compiled by the same compiler. Cisco, "NetFlow Export
// Datagram Format"; offsets are in bytes, IE numbers in the field lists are IANA's, 0 is skipped.
//
//   header     v1  16 bytes   0 version 2 count 4 sysUptime 8 seconds 12 nanoseconds
//              v5  24 bytes   … 16 flow sequence 20 engine type 21 engine id 22 sampling: mode (2 bits), interval (14 bits)
//              v7  24 bytes   … 16 flow sequence 20 reserved
//   record     v1  52 bytes   0 src 4 dst 8 next hop 12 in 14 out 16 packets 20 octets 24 first 28 last 32 src port
//                             34 dst port 36 pad 38 protocol 39 tos 40 tcp flags 41 pad
//              v5  48 bytes   … 36 pad 37 tcp flags 38 protocol 39 tos 40 src as 42 dst as 44 src mask 45 dst mask 46 pad
//              v7  52 bytes   … 36 flags 37 tcp flags 38 protocol 39 tos 40 src as 42 dst as 44 masks 46 flags 48 router
import { compileTemplate, type Program } from './compile-template.ts'
import type { Field } from './template.ts'

export interface FixedLayout {
  readonly version: number
  readonly headerBytes: number
  readonly program: Program
}

type Layout = readonly (readonly [id: number, length: number])[]

const START: Layout = [
  [8, 4],
  [12, 4],
  [15, 4],
  [10, 2],
  [14, 2],
  [2, 4],
  [1, 4],
  [22, 4],
  [21, 4],
  [7, 2],
  [11, 2],
]
const V1: Layout = [...START, [0, 2], [4, 1], [5, 1], [6, 1], [0, 11]]
const FLAGS_TO_AS: Layout = [
  [0, 1],
  [6, 1],
  [4, 1],
  [5, 1],
  [16, 2],
  [17, 2],
  [9, 1],
  [13, 1],
]
const V5: Layout = [...START, ...FLAGS_TO_AS, [0, 2]]
const V7: Layout = [...START, ...FLAGS_TO_AS, [0, 2], [0, 4]]

function layout(version: number, headerBytes: number, fields: Layout): FixedLayout {
  const asFields = fields.map(([id, length]): Field => ({ pen: 0, id, length, scope: false }))
  return { version, headerBytes, program: compileTemplate(asFields) }
}

/** Layouts with programs of their own (a program remembers the builder that it was bound to). */
export const fixedLayouts = (): ReadonlyMap<number, FixedLayout> =>
  new Map([
    [1, layout(1, 16, V1)],
    [5, layout(5, 24, V5)],
    [7, layout(7, 24, V7)],
  ])
