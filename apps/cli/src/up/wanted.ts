// Which apps `up` starts: those that are always there, and those whose configuration says so. In: netbehave.yaml and the
// environment, of which nothing is judged here; that is the apps' own.
import { readFileSync } from 'node:fs'
import type { AppName } from '@netbehave/schema'
import { parse } from 'yaml'
import { CONFIG_FILE } from '../data-dir.ts'
import type { App } from './apps.ts'

/** Apps that do nothing unless one of these keys of theirs says so: switched on, or not empty. */
const WANTED_BY: Partial<Record<AppName, readonly string[]>> = {
  whois: ['enabled'],
  'dns-ingest': ['logs', 'mode'],
  alerter: ['mail.server', 'mail.recipient', 'webhook.url', 'ntfy.topic', 'syslog.server'],
}
/** Variables that kept a name of their own: `env` in the schema of the app. */
const OWN_NAMES: Readonly<Record<string, string>> = {
  'alerter.mail.server': 'SMTP_SERVER',
  'alerter.mail.recipient': 'SMTP_RECIPIENT',
}

const isOff = (value: unknown): boolean =>
  value === undefined || value === null || /^(false|0|no|off|\s*)$/i.test(String(value))

export interface ChosenApps {
  readonly wanted: readonly App[]
  /** Switched off, yet configured: they are not started, but mistakes in their keys are told. */
  readonly off: readonly App[]
}

export function chooseApps(
  apps: readonly App[],
  config: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
): ChosenApps {
  const sections = readSections(config ?? env.NETBEHAVE_CONFIG ?? CONFIG_FILE)
  const isWanted = ({ name }: App): boolean => {
    const keys = WANTED_BY[name]
    if (keys === undefined) return true
    return keys.some((key) => !isOff(env[variableOf(name, key)] ?? valueAt(sections[name], key)))
  }
  const isConfigured = ({ name }: App): boolean =>
    name in sections || Object.keys(env).some((variable) => variable.startsWith(`${envName(name)}_`))
  const wanted = apps.filter(isWanted)
  return { wanted, off: apps.filter((app) => !wanted.includes(app) && isConfigured(app)) }
}

const variableOf = (name: AppName, key: string): string =>
  OWN_NAMES[`${name}.${key}`] ?? `${envName(name)}_${envName(key)}`

const valueAt = (section: unknown, key: string): unknown =>
  key.split('.').reduce<unknown>((at, name) => (at as Record<string, unknown> | null | undefined)?.[name], section)

const envName = (name: string): string =>
  name
    .replaceAll(/[A-Z]/g, (letter) => `-${letter}`)
    .replaceAll(/[-.]/g, '_')
    .toUpperCase()

/** A file that cannot be read or is no YAML wants nothing: `up` itself tells that. */
function readSections(file: string): Record<string, unknown> {
  try {
    const content: unknown = parse(readFileSync(file, 'utf8'))
    return typeof content === 'object' && content !== null ? (content as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
