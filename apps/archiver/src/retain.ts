// Retention: which days go, by age, by size of the archive, and when the disk is nearly full. The oldest first, never today.
import { statfs } from 'node:fs/promises'
import type { DaySummary } from '@netbehave/history'

export interface RetainSettings {
  readonly keepDays: number | null
  readonly maxBytes: number | null
  readonly minFreeBytes: number
}

export interface Retention {
  /** Days to remove, oldest first. */
  readonly prune: readonly string[]
  /** The disk stays nearly full after that: there is no older day to remove. */
  readonly stillFull: boolean
}

const DAY_MS = 86_400_000

/**
 * The days to remove. `today` and days after it stay; `startMs` gives a day's beginning (for the age).
 * `freeBytes` is what the disk has left.
 */
export function planRetention(
  days: readonly DaySummary[],
  today: { day: string; startMs: number },
  endMs: (day: string) => number,
  freeBytes: number,
  settings: RetainSettings,
): Retention {
  const { keepDays, maxBytes, minFreeBytes } = settings
  let total = days.reduce((sum, { diskBytes }) => sum + diskBytes, 0)
  let free = freeBytes
  const prune: string[] = []
  for (const { day, diskBytes } of days) {
    if (day >= today.day) break
    const tooOld = keepDays !== null && endMs(day) <= today.startMs - keepDays * DAY_MS
    const tooMuch = maxBytes !== null && total > maxBytes
    if (!tooOld && !tooMuch && free >= minFreeBytes) continue
    prune.push(day)
    total -= diskBytes
    free += diskBytes
  }
  return { prune, stillFull: free < minFreeBytes }
}

/** Bytes that an unprivileged process may still write on the disk of a folder. */
export async function readFreeBytes(directory: string): Promise<number> {
  const { bavail, bsize } = await statfs(directory)
  return bavail * bsize
}
