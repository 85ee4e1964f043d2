// What is mutated: every capture when they are there, and datagrams of our own that reach each part of the decoder.

import { allCaptures } from '../testing/captures.ts'
import {
  encodeData,
  encodeFixed,
  encodeIpfix,
  encodeNetflow9,
  encodeTemplates,
  fieldSpecs,
  type TemplateSpec,
} from '../testing/encode.ts'
import { workloadW } from '../testing/workload-w.ts'

const FLOWS_9: TemplateSpec = {
  id: 256,
  fields: fieldSpecs('27:16 28:16 8:4 12:4 22:4 21:4 1:8 2:8 58:2 56:6 48:1 139:2'),
}
const SAMPLERS_9: TemplateSpec = {
  id: 257,
  scopes: fieldSpecs('1:4'),
  fields: fieldSpecs('48:1 34:4 41:8'),
}
const FLOWS_10: TemplateSpec = {
  id: 300,
  fields: fieldSpecs('8:4 12:4 371:v 1:3 2:8 154:8 155:8 96:v 225:4 228:2 29305/1:8 3054/110:v'),
}
const INTERFACES_10: TemplateSpec = {
  id: 301,
  scopes: fieldSpecs('10:4'),
  fields: fieldSpecs('82:v 83:32 305:4 306:4'),
}

function ownDatagrams(): Buffer[] {
  const { template, datagrams } = workloadW({ datagrams: 3, records: 6 })
  const flow9 = [
    '2001:db8::1',
    'fe80::2',
    '0.0.0.0',
    '192.0.2.7',
    3_599_000,
    3_600_000,
    10n,
    1,
    7,
    '02:00:5e:00:00:01',
    1,
    0,
  ]
  const flow10 = [
    '192.0.2.1',
    '198.51.100.2',
    'user',
    4_000,
    3,
    0xed000000n << 32n,
    0xed000001n << 32n,
    'app',
    '10.0.0.1',
    80,
  ]
  const records5 = Array.from({ length: 12 }, (_, i) => ({
    srcIp: `10.0.0.${i}`,
    dstIp: '192.0.2.1',
    bytes: 9,
    packets: 1,
  }))
  return [
    template,
    ...datagrams,
    encodeNetflow9([
      encodeTemplates(9, [FLOWS_9]),
      encodeTemplates(9, [SAMPLERS_9]),
      encodeData(SAMPLERS_9, [[1, 1, 100, 5]]),
    ]),
    encodeNetflow9([encodeData(FLOWS_9, [flow9, flow9, flow9], 2)]),
    encodeIpfix([encodeTemplates(10, [FLOWS_10]), encodeTemplates(10, [INTERFACES_10])]),
    encodeIpfix([encodeData(INTERFACES_10, [[2, 'eth0', 'uplink', 1, 99]]), encodeData(FLOWS_10, [flow10, flow10])]),
    encodeFixed(1, records5),
    encodeFixed(5, records5, { sampling: 0x4064 }),
    encodeFixed(7, records5),
  ]
}

export const fuzzCorpus = (): Buffer[] => [...ownDatagrams(), ...allCaptures()]
