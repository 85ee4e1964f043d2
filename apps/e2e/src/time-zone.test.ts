import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zoneWhereItIs } from './time-zone.ts'

test('at any hour there is a zone in which it is two in the night', () => {
  for (let hour = 0; hour < 24; hour++) {
    const nowMs = Date.UTC(2026, 10, 24, hour, 59)
    const timeZone = zoneWhereItIs(2, nowMs)
    assert.equal(new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' }).format(nowMs), '02:59', timeZone)
  }
})
