// The apps that `netbehave up` runs, in the order of their start; wanted.ts says which of them. A stop begins with the collector.
import { APP_NAMES, type AppName } from '@netbehave/schema'

export interface App {
  readonly name: AppName
  /** Its main.ts, the same that a container starts. */
  readonly main: URL
}

/** Where this repository's apps are. */
export const APPS_DIR = new URL('../../../', import.meta.url)

/** Readers first, so that nothing that the collector takes in waits. */
export const START_ORDER = [
  'archiver',
  'whois',
  'dns-ingest',
  'ipam',
  'alerter',
  'enricher',
  'search-gw',
  'collector',
] as const satisfies readonly AppName[]
/** What takes in stops first, so that all of it is on its way before the others stop. */
export const STOP_ORDER = [
  'collector',
  'enricher',
  'whois',
  'dns-ingest',
  'ipam',
  'archiver',
  'alerter',
  'search-gw',
] as const satisfies readonly AppName[]

/** The main.ts of every app, under the folder that holds the apps. */
export function listApps(appsDir: URL): App[] {
  return APP_NAMES.map((name) => ({ name, main: new URL(`${name}/src/main.ts`, appsDir) }))
}
