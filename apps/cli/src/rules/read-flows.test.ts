import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { readFlow, readFlowLines } from './read-flows.ts'

test('a flow written by hand may leave out what it does not need', () => {
  const flow = readFlow('{"protocol": 17, "dstPort": 53}')
  assert.ok(typeof flow !== 'string')
  assert.deepEqual([flow.protocol, flow.dstPort, flow.srcIp, flow.site, flow.sampling], [17, 53, '0.0.0.0', 'home', 1])
})

test('what is no flow is told in one sentence, and no misspelled member is passed over', () => {
  const wrong: [string, RegExp][] = [
    ['x', /^not JSON: /],
    ['[1]', /^not an object$/],
    ['null', /^not an object$/],
    ['{"dstport": 53}', /^a flow has no "dstport"; did you mean dstPort\?$/],
    ['{"dstPort": 70000}', /^dstPort: /],
    ['{"dstPort": "dns"}', /^dstPort: /],
    ['{"srcIp": "nobody"}', /^srcIp: "nobody" is no address$/],
    ['{"natSrcIp": "1.2.3"}', /^natSrcIp: "1\.2\.3" is no address$/],
    ['{"srcMac": "00:1b"}', /^srcMac: "00:1b" is no MAC$/],
  ]
  for (const [text, message] of wrong) assert.match(String(readFlow(text)), message, text)
})

/** All lines of a stdin that comes in these pieces. */
async function linesOf(...pieces: (string | Buffer)[]) {
  const read: (readonly [number, string])[] = []
  for await (const lines of readFlowLines('-', Readable.from(pieces.map((piece) => Buffer.from(piece))))) {
    for (const { line, flow } of lines) read.push([line, typeof flow === 'string' ? flow : `${flow.dstName}`])
  }
  return read
}

test('lines are read however they are cut, with their numbers, blank ones passed over', async () => {
  const [first, rest] = [Buffer.from('{"dstName":"ä'), Buffer.from('"}\n\n  {"dstName":"b"}\r\n{"dstName":"c"}')]
  const expected = [
    [1, 'ä'],
    [3, 'b'],
    [4, 'c'],
  ]
  assert.deepEqual(await linesOf(first, rest), expected)
  assert.deepEqual(await linesOf(first.subarray(0, -1), first.subarray(-1), rest), expected)
  assert.deepEqual(await linesOf(), [])
})

test('a line without end is refused, and so is a file that is not there', async () => {
  await assert.rejects(linesOf('\n', 'x'.repeat(70_000)), {
    exitCode: 65,
    message: 'line 2 of - is too long for a flow',
  })
  await assert.rejects(readFlowLines('/nowhere.ndjson', Readable.from([])).next(), {
    exitCode: 66,
    message: '/nowhere.ndjson cannot be read: there is no such file or folder',
  })
})
