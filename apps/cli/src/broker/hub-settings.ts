// `DIR/hub.json`: what the hub's configuration is made from, besides the keys. `broker init` and `broker add-site` change it.
// Fails: CommandError when the file is not ours or cannot be read.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type HubSite, publicKeyVariable } from '@netbehave/broker'
import { isSubjectToken, SITE_KEEP_BYTES, STREAMS } from '@netbehave/schema'
import { z } from 'zod'
import { CommandError, describeSystemError, EXIT, systemCode } from '../exit-codes.ts'
import { isListenAddress, parseHostPort } from '../listen-address.ts'

const MIB = 1024 * 1024
const site = z.string().refine(isSubjectToken, 'use 1 to 64 letters, digits, _ or -')
const address = z.string().refine(isListenAddress, 'write HOST:PORT, for example 0.0.0.0:4222')

export const HubSettings = z.strictObject({
  /** Sites whose collectors connect to the hub itself. */
  sites: z.array(site).min(1),
  /** Sites whose own servers connect to the hub. */
  leafSites: z.array(site),
  /** What each of them keeps of flows while it cannot reach the hub. */
  keepMiB: z.record(site, z.number().int().positive()).default({}),
  /** Public keys that were replaced and are still good, by name of the key, until `broker rotate --finish`. */
  formerKeys: z.record(z.string(), z.string().regex(/^U[A-Z2-7]{55}$/)).default({}),
  /** Names and addresses in the certificate, besides those of this machine. */
  hosts: z.array(z.string().min(1)),
  isTls: z.boolean(),
  listen: address,
  leafListen: address.optional(),
  /** HOST:PORT that sites are told to come back to. */
  advertise: z.string().min(1).optional(),
  http: address,
  /** Where nats-server sees this folder, when that is elsewhere: in a container. */
  mountedAt: z.string().min(1).optional(),
  /** JetStream's folder, as nats-server sees it. */
  store: z.string().min(1).optional(),
  storeMiB: z.number().int().positive(),
})
export type HubSettings = z.infer<typeof HubSettings>

export const HUB_DEFAULTS: HubSettings = {
  sites: ['home'],
  leafSites: [],
  keepMiB: {},
  formerKeys: {},
  hosts: [],
  isTls: true,
  listen: '0.0.0.0:4222',
  http: '127.0.0.1:8222',
  storeMiB: Object.values(STREAMS).reduce((sum, { maxBytes }) => sum + maxBytes, 0) / MIB,
}

export const hubSettingsFile = (dir: string): string => join(dir, 'hub.json')

/** Undefined: the folder has none yet. */
export function readHubSettings(dir: string): HubSettings | undefined {
  const path = hubSettingsFile(dir)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined
    throw new CommandError(`cannot read ${path}: ${describeSystemError(cause)}`, EXIT.noInput, { cause })
  }
  return parseHubSettings(path, text)
}

/** As `readHubSettings`, for commands that need a folder that is there. */
export function requireHubSettings(dir: string): HubSettings {
  const settings = readHubSettings(dir)
  if (settings) return settings
  throw new CommandError(
    `${resolve(dir)} is no folder of a hub: make one with netbehave broker init --dir ${dir}`,
    EXIT.noInput,
  )
}

function parseHubSettings(path: string, text: string): HubSettings {
  try {
    return checkHubSettings(HubSettings.parse(JSON.parse(text)))
  } catch (cause) {
    if (cause instanceof CommandError) throw cause
    const why = cause instanceof z.ZodError ? z.prettifyError(cause).replaceAll(/\s+/g, ' ') : (cause as Error).message
    throw new CommandError(
      `${path} is damaged (${why}): mend it, or remove it and run netbehave broker init`,
      EXIT.data,
      {
        cause,
      },
    )
  }
}

/** The settings unchanged. Throws CommandError when two sites would share a variable for their keys. */
export function checkHubSettings(settings: HubSettings): HubSettings {
  const byVariable = new Map<string, string>()
  for (const name of new Set([...settings.sites, ...settings.leafSites])) {
    const variable = publicKeyVariable(name)
    const other = byVariable.get(variable)
    if (other !== undefined)
      throw new CommandError(`the sites ${other} and ${name} are too alike: both keys would be ${variable}`, EXIT.usage)
    byVariable.set(variable, name)
  }
  return settings
}

/** The sites whose streams those of the hub copy from. */
export const hubSites = ({ leafSites, keepMiB }: HubSettings): HubSite[] =>
  leafSites.map((name) => ({ name, keepBytes: keepMiB[name] === undefined ? SITE_KEEP_BYTES : keepMiB[name] * MIB }))

/** Where the hub answers on its own machine. */
export function hubUrl({ listen, isTls }: HubSettings): string {
  const { host, port } = parseHostPort(listen)!
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : host.includes(':') ? `[${host}]` : host
  return `${isTls ? 'tls' : 'nats'}://${reached}:${port}`
}
