// The days of the archive: list, check, take away, remove.
import { z } from 'zod'
import { DayName } from './parts.ts'
import { defineRoute } from './route.ts'

export const Day = z.object({
  day: z.string(),
  files: z.number(),
  flows: z.number(),
  bytes: z.number(),
  packets: z.number(),
  firstMs: z.number(),
  lastMs: z.number(),
  diskBytes: z.number(),
  closed: z.boolean().describe('one sorted file, nothing came later'),
  database: z
    .object({ bytes: z.number(), rows: z.number(), flows: z.number() })
    .nullable()
    .describe('the daily database that is there; null: it is made when asked for'),
})
export type Day = z.infer<typeof Day>

export const DAYS = defineRoute({
  method: 'GET',
  path: '/days',
  role: 'viewer',
  tag: 'days',
  summary: 'every day that has flows, oldest first',
  reply: z.object({
    days: z.array(Day),
    today: z.string(),
    timeZone: z.string().describe('in which a day begins'),
  }),
  etag: true,
})
const params = z.object({ day: DayName })
export const DAY = defineRoute({
  method: 'GET',
  path: '/days/{day}',
  role: 'viewer',
  tag: 'days',
  summary: 'one day',
  params,
  reply: Day,
  etag: true,
})
export const DayVerdict = z.object({
  day: z.string(),
  ok: z.boolean(),
  files: z.number(),
  flows: z.number(),
  problems: z.array(z.string()),
})
export type DayVerdict = z.infer<typeof DayVerdict>
export const VERIFY_DAY = defineRoute({
  method: 'POST',
  path: '/days/{day}/verify',
  role: 'operator',
  tag: 'days',
  summary: 'read every file of the day and compare it with the catalogue; one at a time, else 409',
  params,
  reply: DayVerdict,
})
export const PRUNE_DAY = defineRoute({
  method: 'DELETE',
  path: '/days/{day}',
  role: 'admin',
  tag: 'days',
  summary: "remove a day for good; never today's",
  params,
  reply: z.object({ day: z.string(), flows: z.number(), diskBytes: z.number() }),
})
export const DAY_FORMATS = ['sqlite', 'parquet', 'csv', 'ndjson'] as const
export const DOWNLOAD_DAY = defineRoute({
  method: 'GET',
  path: '/days/{day}/download',
  role: 'viewer',
  tag: 'days',
  summary: 'the day as a file: a closed day with ranges and an ETag, an open one as it is at this moment',
  params,
  query: z.strictObject({ format: z.enum(DAY_FORMATS).default('sqlite') }),
  reply: {
    media: ['application/vnd.sqlite3', 'application/vnd.apache.parquet', 'text/csv', 'application/x-ndjson'],
    meaning: '`sqlite`: the daily database with the original table `flow`',
  },
})
