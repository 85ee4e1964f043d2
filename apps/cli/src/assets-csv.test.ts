import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ASSET_FIELDS, type AssetRecord } from '@netbehave/schema'
import fc from 'fast-check'
import { CSV_HEADING, csvLine, readAssetsCsv } from './assets-csv.ts'

const ASSET: AssetRecord = {
  ...{ ip: '10.0.0.1', site: 'home', mac: 'b8:27:eb:00:00:01', macRandom: false, vendor: 'Raspberry Pi' },
  ...{ hostname: 'pi', name: 'door', owner: '', type: '', note: '', tags: [], active: true },
  ...{ firstMs: 1_700_000_000_000, lastMs: 1_700_000_000_001, locked: ['name'] },
}
const file = (...assets: AssetRecord[]) => [CSV_HEADING.join(','), ...assets.map(csvLine)].join('\n')

function problemOf(text: string, site?: string): string {
  const { entries, problems } = readAssetsCsv(text, site)
  assert.deepEqual(entries, [])
  return problems.map(({ line, problem }) => `${line}: ${problem}`).join('\n')
}

test('what was written is read back, whatever people call their things', () => {
  const line = fc.string({ unit: fc.constantFrom(...`=+-@'",;\\ab é`), maxLength: 20 }).map((text) => text.trim())
  fc.assert(
    fc.property(
      line,
      line,
      fc.array(line.filter((tag) => tag !== '')),
      fc.subarray([...ASSET_FIELDS]),
      (name, note, tags, locked) => {
        const asset = { ...ASSET, name, note: `${note}\n${name}`, tags: tags.slice(0, 32), locked }
        const { entries, problems } = readAssetsCsv(file(asset), undefined)
        assert.deepEqual(problems, [])
        const { vendor: _vendor, active: _active, macRandom: _random, ...rest } = asset
        assert.deepEqual(entries[0]?.asset, rest)
      },
    ),
    { numRuns: 500 },
  )
})

test('no cell begins with what a spreadsheet runs', () => {
  for (const name of ['=1+1', '+1', '-1', '@a', "'=1", '=HYPERLINK("http://example.org")']) {
    const cells = csvLine({ ...ASSET, name, note: `${name}\nx`, hostname: name, tags: [name] })
    assert.doesNotMatch(cells, /(^|,)"?[=+\-@]/)
  }
})

test('a spreadsheet may change the order of columns, leave some out, and write its own line ends', () => {
  const text = '\ufeffIP,Name\r\n10.0.0.1,door\r\n"10.0.0.2","two, words"\r\n'
  assert.deepEqual(
    readAssetsCsv(text, 'home').entries.map(({ line, asset }) => [line, asset]),
    [
      [2, { site: 'home', ip: '10.0.0.1', name: 'door' }],
      [3, { site: 'home', ip: '10.0.0.2', name: 'two, words' }],
    ],
  )
})

test('what is wrong is told by line, in words', () => {
  assert.equal(problemOf(''), '1: the file is empty')
  assert.match(problemOf('ip,nam\n'), /^1: "nam" is no column; there are site, ip/)
  assert.equal(problemOf('ip,ip\n', 'home'), '1: column ip is there twice')
  assert.equal(problemOf('site,name\n'), '1: there is no column ip')
  assert.match(problemOf('ip\n10.0.0.1\n'), /^1: there is no column site: add it, or name one with --site$/)
  assert.match(problemOf('ip\nprinter\n', 'home'), /^2: ip: is no IPv4 or IPv6 address$/)
  assert.match(problemOf('ip,name\n10.0.0.1\n', 'home'), /^2: has 1 cells and the first row 2$/)
  assert.match(problemOf('ip,first_seen\n10.0.0.1,soon\n', 'home'), /^2: first_seen: "soon" is no time/)
  assert.match(problemOf('ip,mac\n10.0.0.1,aa:bb\n', 'home'), /^2: mac: is no MAC address/)
  assert.match(problemOf('ip,name\n10.0.0.1,a\u001b[31m\n', 'home'), /^2: name: has a control character$/)
  assert.match(problemOf('ip,name\n10.0.0.1,"a\n', 'home'), /^\d+: is no CSV: /)
  assert.match(problemOf(`ip,note\n10.0.0.1,${'x'.repeat(200_000)}\n`, 'home'), /^\d+: is no CSV: /)
})
