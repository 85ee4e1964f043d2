// What the running collectors say of themselves, asked over the broker. Fails: CommandError when none answers.
import { askStats, type Broker } from '@netbehave/broker'
import { sitesIn } from '@netbehave/health'
import { CollectorReport, type SiteReport } from '@netbehave/schema'
import { CommandError, EXIT } from './exit-codes.ts'

export interface ReportOptions {
  data?: string
  broker?: string
  output: 'table' | 'json'
}

export interface CollectorAnswer {
  site: string
  instance: string
  /** Start of the collector, which its counts begin with, epoch ms. */
  startedMs: number
  atMs: number
  report: CollectorReport
}

/** What every collector says now. */
export const askCollectors = async (broker: Broker): Promise<CollectorAnswer[]> =>
  (await askCollectorsAndSites(broker)).collectors

/** The same, and what the gateway knows of sites with a server of their own. */
export async function askCollectorsAndSites(
  broker: Broker,
): Promise<{ collectors: CollectorAnswer[]; sites: SiteReport[] }> {
  const snapshots = await askStats(broker)
  const sites = snapshots.flatMap(sitesIn)
  const collectors = snapshots.flatMap(({ app, site, instance, startedMs, atMs, report }) => {
    const parsed = app === 'collector' ? CollectorReport.safeParse(report) : undefined
    return parsed?.success ? [{ site, instance, startedMs, atMs, report: parsed.data }] : []
  })
  if (collectors.length > 0) return { collectors, sites }
  throw new CommandError('the broker answers, but no collector does; is one running?', EXIT.unavailable)
}

export const versionName = (version: number): string => (version === 10 ? 'IPFIX' : `NetFlow ${version}`)
