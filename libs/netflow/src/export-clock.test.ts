import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExportClock } from './export-clock.ts'

const BOOT_MS = 1_767_700_000_345
/** Header and uptime of a datagram that leaves at this time, as NetFlow 9 tells them. */
const lateMs = (clock: ExportClock, atMs: number, bootMs = BOOT_MS) =>
  clock.lateMs(Math.floor(atMs / 1000) * 1000, atMs - bootMs)

test('after some datagrams their export is known to some ms, though headers tell whole seconds', () => {
  const clock = new ExportClock()
  for (let atMs = BOOT_MS + 5_000; atMs < BOOT_MS + 65_000; atMs += 1_037) lateMs(clock, atMs)
  for (let atMs = BOOT_MS + 65_000; atMs < BOOT_MS + 600_000; atMs += 1_037) {
    const offMs = lateMs(clock, atMs) - (atMs % 1000)
    assert.ok(offMs <= 0 && offMs > -40, `${offMs} ms off`)
  }
})

test('the first datagram is taken at its word, and no export is put later than it was', () => {
  const clock = new ExportClock()
  assert.equal(lateMs(clock, BOOT_MS + 5_900), 0)
  for (let atMs = BOOT_MS; atMs < BOOT_MS + 200_000; atMs += 2_311) assert.ok(lateMs(clock, atMs) <= atMs % 1000)
})

test('a restart, and a clock that is set, begin anew', () => {
  const clock = new ExportClock()
  for (let atMs = BOOT_MS; atMs < BOOT_MS + 10_000; atMs += 137) lateMs(clock, atMs)
  assert.equal(lateMs(clock, BOOT_MS + 60_900, BOOT_MS + 60_000), 0)
  assert.equal(lateMs(clock, BOOT_MS + 40_900, BOOT_MS + 30_000), 0)
})

test('clocks that drift apart by a second a day are followed', () => {
  for (const driftPerMs of [-1 / 86_400, 1 / 86_400]) {
    const clock = new ExportClock()
    for (let atMs = BOOT_MS; atMs < BOOT_MS + 86_400_000; atMs += 10_037) {
      const late = lateMs(clock, atMs, BOOT_MS - (atMs - BOOT_MS) * driftPerMs)
      assert.ok(late >= 0 && late <= (atMs % 1000) + 3, `${late} for ${atMs % 1000}`)
    }
  }
})
