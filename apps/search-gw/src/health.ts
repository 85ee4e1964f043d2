// Is the system whole? In: the snapshots of what runs. Out: one sentence for each thing that is wrong.
import type { StatsSnapshot } from '@netbehave/schema'

/** Without one of these flows do not reach history. */
const NEEDED = ['collector', 'enricher', 'archiver'] as const

export interface Health {
  status: 'ok' | 'degraded'
  findings: string[]
  /** Running copies of each app. */
  running: Record<string, number>
}

export function judgeHealth(isConnected: boolean, snapshots: readonly StatsSnapshot[]): Health {
  const running: Record<string, number> = {}
  for (const { app } of snapshots) running[app] = (running[app] ?? 0) + 1
  const findings: string[] = []
  if (!isConnected) findings.push('the broker is away: nothing is known of the other apps')
  else for (const app of NEEDED) if (!running[app]) findings.push(`no ${app} has reported for 15 s; is it running?`)
  return { status: findings.length === 0 ? 'ok' : 'degraded', findings, running }
}
