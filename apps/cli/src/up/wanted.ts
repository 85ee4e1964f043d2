// Which apps `up` starts: those that are always there, and those whose configuration says so. In: netbehave.yaml and the
// environment, of which nothing is judged here; that is the apps' own.
import { readFileSync } from 'node:fs'
import type { AppName } from '@netbehave/schema'
import { parse } from 'yaml'
import { CONFIG_FILE } from '../data-dir.ts'
import type { App } from './apps.ts'

/** Apps that do nothing unless this key of theirs says so: switched on, or not empty. */
const WANTED_BY: Partial<Record<AppName, string>> = { whois: 'enabled' }

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
    const key = WANTED_BY[name]
    if (key === undefined) return true
    const section = sections[name] as Record<string, unknown> | null | undefined
    return !isOff(env[`${envName(name)}_${envName(key)}`] ?? section?.[key])
  }
  const isConfigured = ({ name }: App): boolean =>
    name in sections || Object.keys(env).some((variable) => variable.startsWith(`${envName(name)}_`))
  const wanted = apps.filter(isWanted)
  return { wanted, off: apps.filter((app) => !wanted.includes(app) && isConfigured(app)) }
}

const envName = (name: string): string =>
  name
    .replaceAll(/[A-Z]/g, (letter) => `-${letter}`)
    .replaceAll('-', '_')
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
