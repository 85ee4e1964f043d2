import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createPace } from './replay.ts'

function waits(options: Parameters<typeof createPace>[0], times: (number | undefined)[]): number[] {
  const pace = createPace(options, () => 0)
  return times.map((timeMs) => pace(timeMs))
}

test('a rate spaces datagrams evenly, whatever their times are', () => {
  assert.deepEqual(waits({ rate: 100 }, [undefined, 5, 9_999]), [0, 10, 20])
})

test('a speed keeps the spaces of the capture, so many times shorter', () => {
  assert.deepEqual(waits({ speed: 1 }, [1_000, 1_250, 2_000]), [0, 250, 1_000])
  assert.deepEqual(waits({ speed: 10 }, [1_000, 1_250, 2_000]), [0, 25, 100])
})

test('time does not run back where files follow each other, and datagrams without a time go at once', () => {
  assert.deepEqual(waits({ speed: 1 }, [5_000, 5_100, 1_000, 1_050, undefined]), [0, 100, 100, 150, 150])
})

test('a long pause of the capture is cut to a minute', () => {
  assert.deepEqual(waits({ speed: 1 }, [0, 3_600_000, 3_600_010]), [0, 60_000, 60_010])
})

test('what was late is caught up', () => {
  let nowMs = 0
  const pace = createPace({ rate: 1_000 }, () => nowMs)
  pace(undefined)
  nowMs = 10
  assert.deepEqual([pace(undefined), pace(undefined)], [-9, -8])
})
