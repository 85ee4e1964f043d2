// What is wrong with sites that have a server of their own: not heard from, or behind with what they send. In: what the gateway knows of them.
// Out: findings.
import { SearchGwReport, type SiteReport, type StatsSnapshot } from '@netbehave/schema'
import type { HealthFinding } from '@netbehave/schema/api'
import type { Observation } from './observation.ts'
import { bytes, clock, count } from './words.ts'

/** A line that was away takes some time until it carries flows again. */
const PATIENCE_MS = 60_000

/** The sites that a snapshot tells of: that of a gateway does. */
export const sitesIn = ({ app, report }: StatsSnapshot): SiteReport[] =>
  app === 'search-gw' ? (SearchGwReport.safeParse(report).data?.sites ?? []) : []

export function siteFindings({ nowMs, sites = [] }: Observation): HealthFinding[] {
  return sites.flatMap((site): HealthFinding[] => {
    const about = `site ${site.name}`
    if (isSiteAway(site, nowMs))
      return [
        {
          id: 'site-away',
          level: 'bad',
          about,
          sentence: describeAwaySite(site, nowMs),
          remedy: `are its box and its line on? "netbehave status" on that box says what it knows of the line; what it keeps comes when the line is back`,
        },
      ]
    const { waiting, waitingSinceMs } = site
    if (waitingSinceMs === null || nowMs - waitingSinceMs < PATIENCE_MS) return []
    return [
      {
        id: 'site-behind',
        level: 'warning',
        about,
        sentence: `site ${site.name}: ${count(waiting)} messages of flows are on their way since ${clock(waitingSinceMs, nowMs)}`,
        remedy: 'after an outage this passes; if it stays, the line is too slow for what the site sees',
      },
    ]
  })
}

/** Has nothing been heard of its collectors for longer than a line needs to come back? */
export const isSiteAway = ({ heardMs, watchedSinceMs }: SiteReport, nowMs: number): boolean =>
  nowMs - (heardMs ?? watchedSinceMs) >= PATIENCE_MS

/** `site cabin: not heard from since 14:02 UTC; its flows are kept there, up to 10.0 GiB`. */
export function describeAwaySite({ name, heardMs, watchedSinceMs, keepBytes }: SiteReport, nowMs: number): string {
  const since =
    heardMs === null ? `at all since we began at ${clock(watchedSinceMs, nowMs)}` : `since ${clock(heardMs, nowMs)}`
  return `site ${name}: not heard from ${since}; its flows are kept there, up to ${bytes(keepBytes)}`
}
