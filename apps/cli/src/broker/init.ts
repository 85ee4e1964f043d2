// netbehave broker init: everything a hub's nats-server and its apps need, in one folder. Run again it adds what is missing.
import { join, resolve } from 'node:path'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { writeHub } from './hub-folder.ts'
import { HUB_DEFAULTS, HubSettings, hubUrl, readHubSettings } from './hub-settings.ts'

export interface InitOptions {
  readonly dir: string
  readonly site?: readonly string[]
  readonly host?: readonly string[]
  readonly listen?: string
  readonly http?: string
  readonly mountedAt?: string
  readonly store?: string
  /** False: `--no-tls`. */
  readonly tls: boolean
}

export async function initHub(options: InitOptions, { stdout, now }: Environment): Promise<void> {
  const before = readHubSettings(options.dir)
  const settings = merge(before, options)
  const done = await writeHub(options.dir, settings, now())
  if (done.length === 0) {
    stdout.write(`nothing was missing in ${resolve(options.dir)}\n`)
    return
  }
  stdout.write(`${[...done, '', ...nextSteps(options.dir, settings, before !== undefined)].join('\n')}\n`)
}

/** Options add to what an earlier run was told. */
function merge(before: HubSettings | undefined, options: InitOptions): HubSettings {
  const { site = [], host = [], listen, http, mountedAt, store } = options
  const base = before ?? { ...HUB_DEFAULTS, sites: site.length > 0 ? [] : HUB_DEFAULTS.sites, isTls: options.tls }
  // Without certificates everything is readable on the wire.
  const fallback = before === undefined && !options.tls ? '127.0.0.1:4222' : base.listen
  const merged = {
    ...base,
    sites: [...new Set([...base.sites, ...site])],
    hosts: [...new Set([...base.hosts, ...host])],
    isTls: options.tls && (before?.isTls ?? true),
    listen: listen ?? fallback,
    http: http ?? base.http,
    ...(mountedAt !== undefined && { mountedAt }),
    ...(store !== undefined && { store }),
  }
  const parsed = HubSettings.safeParse(merged)
  if (parsed.success) return parsed.data
  const { path, message } = parsed.error.issues[0]!
  throw new CommandError(`--${String(path[0]).replace(/s$/, '')}: ${message}`, EXIT.usage)
}

function nextSteps(dir: string, settings: HubSettings, isRunning: boolean): string[] {
  const whole = resolve(dir)
  const conf = `${settings.mountedAt ?? whole}/hub.conf`
  if (isRunning)
    return [
      `A running nats-server takes it with: nats-server --signal reload   (a container: docker compose kill -s HUP nats)`,
    ]
  const url = hubUrl(settings)
  return [
    'Next:',
    `  nats-server -c ${conf}`,
    `  netbehave broker streams --dir ${dir}`,
    'and each app gets',
    `  NETBEHAVE_BROKER_URL=${url.replace(/\/\/[^:]+:/, '//HOST:')}`,
    `  NETBEHAVE_BROKER_KEYS=${join(whole, 'keys', 'APP')}`,
    ...(settings.isTls ? [`  NETBEHAVE_BROKER_CA=${join(whole, 'tls', 'ca.pem')}`] : []),
  ]
}
