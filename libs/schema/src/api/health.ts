// How the system is: sentences for what is wrong, and the numbers behind them.
import { z } from 'zod'
import { ExporterReport, SiteReport } from '../stats.ts'
import { defineRoute } from './route.ts'

export const FINDING_LEVELS = ['bad', 'warning', 'note'] as const

/** One thing that is wrong. `bad`: flows are lost or not stored; `warning`: they will be, or are told wrong; `note`: good to know. */
export const HealthFinding = z.object({
  id: z.string().describe('the kind, for links and tests: `template-awaited`'),
  level: z.enum(FINDING_LEVELS),
  about: z.string().describe('what it is about: an exporter, an app'),
  sentence: z.string().describe('what is wrong, since when'),
  remedy: z.string().describe('what to do'),
})
export type HealthFinding = z.infer<typeof HealthFinding>

export const AppState = z.object({
  app: z.string(),
  site: z.string(),
  instance: z.string(),
  startedMs: z.number(),
  heardMs: z.number().describe('when its newest snapshot came'),
  silent: z.boolean().describe('nothing for 15 s'),
})
export type AppState = z.infer<typeof AppState>

/** A number that the page shows, by the metric's name; its sum over the copies of an app at one site. */
export const HealthNumber = z.object({
  metric: z.string(),
  app: z.string(),
  site: z.string(),
  help: z.string(),
  kind: z.enum(['counter', 'gauge']),
  values: z.array(
    z.object({ labels: z.record(z.string(), z.string()), value: z.number(), perSecond: z.number().nullable() }),
  ),
})
export type HealthNumber = z.infer<typeof HealthNumber>

export const HEALTH = defineRoute({
  method: 'GET',
  path: '/health',
  role: 'viewer',
  tag: 'health',
  summary: 'what is wrong in words, which apps run, how fast flows go through, what the disk will hold',
  reply: z.object({
    status: z.enum(['ok', 'degraded']),
    atMs: z.number(),
    broker: z.object({ connected: z.boolean(), disconnects: z.number() }),
    findings: z.array(HealthFinding).describe('the worst first'),
    apps: z.array(AppState),
    rates: z
      .object({
        received: z.number().nullable().describe('datagrams/s at the collectors'),
        decoded: z.number().nullable().describe('flows/s'),
        enriched: z.number().nullable(),
        archived: z.number().nullable(),
        lost: z.number().nullable().describe('units/s that never came, by sequence numbers'),
        dropped: z.number().nullable().describe('flows/s that we dropped'),
      })
      .describe('null: not known yet'),
    receive: z.array(
      z.object({
        site: z.string(),
        instance: z.string(),
        address: z.string(),
        receiveBufferBytes: z.number(),
        kernelDrops: z.number().nullable(),
      }),
    ),
    lag: z.array(
      z.object({
        consumer: z.string(),
        stream: z.string(),
        waiting: z.number().describe('messages that were not delivered yet'),
        unacknowledged: z.number(),
      }),
    ),
    disk: z.object({
      archiveBytes: z.number().nullable(),
      freeBytes: z.number().nullable(),
      bytesPerDay: z.number().nullable().describe('of the newest closed days'),
      daysLeft: z.number().nullable().describe('until the disk is full at that rate; null: not known'),
    }),
  }),
})
export type Health = z.infer<typeof HEALTH.reply>

export const HEALTH_NUMBERS = defineRoute({
  method: 'GET',
  path: '/health/numbers',
  role: 'viewer',
  tag: 'health',
  summary: 'every metric of every app, as /metrics has them, with rates',
  reply: z.object({ atMs: z.number(), numbers: z.array(HealthNumber) }),
})

/** An exporter and observation domain without its templates. */
export const ExporterState = ExporterReport.omit({ templates: true, awaiting: true }).extend({
  site: z.string(),
  collector: z.string(),
  flowsPerSecond: z.number().nullable(),
  datagramsPerSecond: z.number().nullable(),
  templates: z.number().describe('known'),
  awaiting: z.number().describe('templates that data waits for'),
  silent: z.boolean().describe('sent nothing for longer than it usually does'),
  findings: z.array(HealthFinding),
})
export type ExporterState = z.infer<typeof ExporterState>

export const EXPORTERS = defineRoute({
  method: 'GET',
  path: '/exporters',
  role: 'viewer',
  tag: 'health',
  summary: 'everything that sends flows, as its collector sees it',
  reply: z.object({
    atMs: z.number(),
    sites: z.array(SiteReport).describe('sites with a server of their own'),
    exporters: z.array(ExporterState),
  }),
})
export const EXPORTER = defineRoute({
  method: 'GET',
  path: '/exporters/{ip}',
  role: 'viewer',
  tag: 'health',
  summary: 'one exporter, by domain, with the templates that it sent and those that are awaited',
  params: z.object({ ip: z.string().max(45) }),
  reply: z.object({
    ip: z.string(),
    domains: z.array(ExporterReport.extend({ site: z.string(), collector: z.string() })),
    findings: z.array(HealthFinding),
  }),
})

export const FIRST_RUN = defineRoute({
  method: 'GET',
  path: '/first-run',
  role: 'viewer',
  tag: 'health',
  summary: 'the steps of a first start, each true once it was seen',
  reply: z.object({
    steps: z.object({
      packet: z.boolean(),
      template: z.boolean(),
      flow: z.boolean(),
      name: z.boolean(),
      asset: z.boolean(),
    }),
    addresses: z.array(z.string()).describe("this host's addresses, the likeliest for an exporter first"),
    networks: z.array(z.string()).describe('local networks, guessed from its interfaces'),
    ports: z.array(z.string()).describe('addresses that take flows'),
  }),
})
