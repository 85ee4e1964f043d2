// How often each app is started: once, or several times under names of their own (`up.collectors`, `up.enrichers`).
import type { AppName } from '@netbehave/schema'
import type { App } from './apps.ts'
import type { UpConfig } from './config.ts'

/** An app as it is started: the only one of its kind, or one of several. */
export interface AppInstance {
  readonly app: App
  /** For people: `enricher`, of several `enricher box-2`. */
  readonly label: string
  /** Its name in figures and lists. */
  readonly instance: string
  /** What several need besides: a name each, collectors also one port. */
  readonly env: Readonly<Record<string, string>>
}

/** Room for `-16` in a name of 64 characters. */
const LONGEST_STEM = 61

export function instancesOf(
  app: App,
  { instance, collectors, enrichers }: Pick<UpConfig, 'instance' | 'collectors' | 'enrichers'>,
): AppInstance[] {
  const counts: Partial<Record<AppName, number>> = { collector: collectors, enricher: enrichers }
  const count = counts[app.name] ?? 1
  if (count === 1) return [{ app, label: app.name, instance, env: {} }]
  return Array.from({ length: count }, (_, i) => {
    const name = `${instance.slice(0, LONGEST_STEM)}-${i + 1}`
    const env = { NETBEHAVE_INSTANCE: name, ...(app.name === 'collector' && { COLLECTOR_SHARE_PORTS: 'true' }) }
    return { app, label: `${app.name} ${name}`, instance: name, env }
  })
}
