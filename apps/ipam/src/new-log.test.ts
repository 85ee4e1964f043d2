import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { AssetEvent } from '@netbehave/schema'
import { createNewLog } from './new-log.ts'
import { addressOf, makeSighting, NOON_MS, openTestIpam } from './testing.ts'

async function newEvents(count: number): Promise<AssetEvent[]> {
  using ipam = openTestIpam()
  await ipam.sight(
    Array.from({ length: count }, (_, n) => makeSighting({ ip: addressOf(n + 1) })),
    NOON_MS,
  )
  return ipam.events()
}

test('a line of JSON for each new address; at its size the file is begun anew and the oldest goes', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'netbehave-new-log-'))
  const path = join(directory, 'ipam', 'ipam.new')
  const log = createNewLog({ path, maxBytes: 2000, files: 2 })
  const events = await newEvents(100)
  for (const event of events) await log.append([event])
  const files = readdirSync(join(directory, 'ipam')).sort()
  assert.deepEqual(files, ['ipam.new', 'ipam.new.1', 'ipam.new.2'])
  for (const file of files) assert.ok(statSync(join(directory, 'ipam', file)).size <= 2000)
  const lines = files.toReversed().flatMap((file) =>
    readFileSync(join(directory, 'ipam', file), 'utf8')
      .trimEnd()
      .split('\n'),
  )
  const ips = lines.map((line) => (JSON.parse(line) as { ip: string }).ip)
  assert.deepEqual(
    ips,
    events.slice(-ips.length).map(({ asset }) => asset.ip),
  )
  assert.equal((JSON.parse(lines[0]!) as { time: string }).time, '2026-11-24T12:00:00.000Z')
  rmSync(directory, { recursive: true })
})
