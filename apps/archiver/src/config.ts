// Settings of the archiver: section `archiver` of netbehave.yaml, ARCHIVER_… in the environment, flags.
import { createDayClock, hostTimeZone } from '@netbehave/history'
import { z } from 'zod'

const MIB = 1024 * 1024

const timeZone = z.string().refine(isTimeZone, 'no such time zone; write one like Europe/Vienna')

/** With less memory for DuckDB a small day may not be sorted when it is closed (sort-day.test.ts). */
export const SORTING_MB = 160

export const ArchiverConfig = z.strictObject({
  flushIntervalMs: z.int().min(100).max(60_000).default(10_000).describe('flows wait at most this long for the disk'),
  flushRows: z
    .int()
    .min(1)
    .max(1_048_576)
    .default(262_144)
    .describe('so many flows are written at once, without waiting'),
  timeZone: timeZone.default(hostTimeZone).describe("zone in which a day begins and ends; default: this machine's"),
  clockSkewMs: z
    .int()
    .min(60_000)
    .default(86_400_000)
    .describe('a flow whose start is further from now is filed under today and counted as clock-skew'),
  closeDelayMs: z
    .int()
    .min(0)
    .default(3_600_000)
    .describe('a day is closed this long after its midnight, and again this long after flows that came even later'),
  sqliteDays: z
    .enum(['on-close', 'on-demand'])
    .default('on-close')
    .describe('when the daily SQLite database is made: at day close, or only when somebody exports it'),
  sqliteDayMaxRows: z
    .int()
    .min(0)
    .default(20_000_000)
    .describe('days with more flows than this get their SQLite database only on demand'),
  sortDayMaxRows: z
    .int()
    .min(0)
    .default(20_000_000)
    .describe(
      'closed days with more flows than this are not sorted for search; sorting takes 360 bytes of disk a flow',
    ),
  sortMemoryLimitMb: z
    .int()
    .min(384)
    .default(512)
    .describe("DuckDB's memory while a day is sorted, in MB, in a process that then ends; it takes about 300 more"),
  keepDays: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('days older than this are removed; empty: never')
    .meta({ examples: [90] }),
  maxBytes: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .describe('when the archive takes more bytes, the oldest days are removed; empty: no limit')
    .meta({ examples: [50_000_000_000] }),
  minFreeBytes: z
    .int()
    .min(0)
    .default(512 * MIB)
    .describe('when the disk has less than this free, the oldest days are removed'),
  maintenanceIntervalMs: z
    .int()
    .min(100)
    .default(15_000)
    .describe('how often files are merged, days closed and removed'),
  memoryLimitMb: z
    .int()
    .min(64)
    .default(SORTING_MB)
    .describe(
      `DuckDB's memory, in MB; the process takes about 150 more. With less than ${SORTING_MB} small days may stay unsorted, and are searched more slowly`,
    ),
  threads: z.int().min(1).max(64).default(1).describe("DuckDB's threads; each takes memory of its own"),
})
export type ArchiverConfig = z.infer<typeof ArchiverConfig>

function isTimeZone(name: string): boolean {
  try {
    createDayClock(name)
    return true
  } catch {
    return false // RangeError is how Intl says that it does not know the zone
  }
}
