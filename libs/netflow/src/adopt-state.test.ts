// Several collectors on one port: an exporter's datagrams may go to another one from now on. What that one lacks it takes from the first.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FlowBatchBuilder } from '@netbehave/schema'
import { decodingBench } from './testing/decoding.ts'
import { encodeData, encodeNetflow9, encodeTemplates, fieldSpecs, type TemplateSpec } from './testing/encode.ts'

const FLOW: TemplateSpec = { id: 256, fields: fieldSpecs('8:4 48:1 1:4') }
const SAMPLERS: TemplateSpec = { id: 257, scopes: fieldSpecs('1:4'), fields: fieldSpecs('48:1 34:4') }
const data = (sequence: number, bytes = 7) => encodeNetflow9([encodeData(FLOW, [['10.0.0.1', 3, bytes]])], { sequence })

/** What a decoder saved that heard the templates and that sampler 3 looks at 1 in 30. */
function saved(): unknown {
  const first = decodingBench()
  const definitions = [encodeTemplates(9, [FLOW]), encodeTemplates(9, [SAMPLERS])]
  first.decode(encodeNetflow9([...definitions, encodeData(SAMPLERS, [[0, 3, 30]])], { sequence: 1 }))
  return JSON.parse(JSON.stringify(first.decoder.saveState()))
}

function adopt({ decoder }: ReturnType<typeof decodingBench>, state: unknown) {
  const builder = new FlowBatchBuilder()
  const result = decoder.adoptState(state, Date.now(), builder, () => assert.fail('full'))
  const batch = builder.seal({ site: 'home', collector: 'test', seq: 1, received: 0 })
  return { result, flows: Array.from({ length: batch.length }, (_, i) => batch.row(i)) }
}

test('data that waits is decoded with the template and the sampling that another collector saved', () => {
  const second = decodingBench()
  assert.deepEqual(second.decode(data(2)).flows, [])
  second.decode(data(3, 8))
  assert.equal(second.decoder.isAwaiting, true)
  const { result, flows } = adopt(second, saved())
  assert.deepEqual(result, { adopted: 1 })
  assert.deepEqual(
    flows.map(({ srcIp, bytes, sampling }) => [srcIp, bytes, sampling]),
    [
      ['10.0.0.1', 7, 30],
      ['10.0.0.1', 8, 30],
    ],
  )
  assert.equal(second.decoder.isAwaiting, false)
  assert.equal(second.decode(data(4)).flows.length, 1)
  const [report] = second.decoder.reports()
  assert.deepEqual([report!.flows, report!.lost, report!.awaiting], [3, 0, []])
})

test('nothing is taken that is not awaited, and no exporter that was never heard here', () => {
  const second = decodingBench()
  assert.deepEqual(adopt(second, saved()).result, { adopted: 0 })
  assert.deepEqual(second.decoder.reports(), [])
  const other: TemplateSpec = { ...FLOW, fields: fieldSpecs('12:4 48:1 1:4') }
  second.decode(encodeNetflow9([encodeTemplates(9, [other])], { sequence: 2 }))
  assert.deepEqual(adopt(second, saved()).result, { adopted: 0 }, 'its own is newer')
  assert.equal(second.decode(data(3)).flows[0]!.dstIp, '10.0.0.1')
})

test('a state that cannot be used is refused with the reason', () => {
  const second = decodingBench()
  second.decode(data(2))
  assert.deepEqual(adopt(second, { v: 9 }).result, { refused: 'version 9 where 1 is known' })
  assert.equal(second.decoder.isAwaiting, true)
})

test('what went to another collector meanwhile is no loss', () => {
  const lost = (meanwhile: (ip: string) => void, bench: ReturnType<typeof decodingBench>) => {
    bench.decode(encodeNetflow9([encodeTemplates(9, [FLOW])], { sequence: 1 }))
    bench.decode(data(2))
    meanwhile(bench.decoder.reports()[0]!.ip)
    bench.decode(data(500))
    bench.decode(data(503))
    return bench.decoder.reports()[0]!.lost
  }
  const unaware = decodingBench()
  assert.equal(
    lost(() => {}, unaware),
    499,
  )
  const aware = decodingBench()
  assert.equal(
    lost((ip) => aware.decoder.startAfresh(ip), aware),
    2,
  )
})
