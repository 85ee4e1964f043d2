// The folder of a hub: keys by app, certificates, public keys, nats-server's configuration. What is missing is made, what is there
// stays. In: folder, settings. Out: files, and a line about each that was made or changed. Fails: CommandError.
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import {
  hubConfig,
  keyFolder,
  makeKeys,
  publicKeyVariable,
  ROLE_NAMES,
  type Role,
  readPublicKey,
  roleKey,
} from '@netbehave/broker'
import { CommandError, describeSystemError, systemCode, writeExitCode } from '../exit-codes.ts'
import { caValidity, hubValidity, issueCertificate, makeCa, whyRenew } from './certificates.ts'
import { checkHubSettings, type HubSettings, hubSettingsFile } from './hub-settings.ts'

const MIB = 1024 * 1024
const MODE = { secret: 0o600, open: 0o644, folder: 0o700 }

export interface HubKey {
  readonly role: Role
  /** `collector-home`, `enricher`. */
  readonly key: string
  /** Folder of its seed. */
  readonly dir: string
  /** The site of a collector or a site's server; of others, any. */
  readonly site: string
}

/** Every key of the hub, in the order of the table of roles. */
export function hubKeys(dir: string, { sites, leafSites }: Pick<HubSettings, 'sites' | 'leafSites'>): HubKey[] {
  const keys = new Map<string, HubKey>()
  const add = (role: Role, site: string) => {
    const key = roleKey(role, site)
    if (!keys.has(key)) keys.set(key, { role, key, dir: join(dir, 'keys', keyFolder(role)), site })
  }
  for (const role of ROLE_NAMES) for (const site of sites) add(role, site)
  for (const site of leafSites) add('leaf', site)
  return [...keys.values()]
}

/** Brings the folder to what the settings say. Returns what was done, a line each; nothing when all was there. */
export async function writeHub(dir: string, settings: HubSettings, nowMs: number): Promise<string[]> {
  checkHubSettings(settings)
  const whole = resolve(dir)
  try {
    return [
      ...makeMissingKeys(whole, settings),
      ...(settings.isTls ? await makeMissingCertificates(join(whole, 'tls'), settings.hosts, nowMs) : []),
      ...writeChanged(hubSettingsFile(whole), `${JSON.stringify(settings, null, 2)}\n`, MODE.open),
      ...writeConfiguration(whole, settings),
    ]
  } catch (error) {
    if (systemCode(error) === '') throw error
    throw new CommandError(
      `the hub's folder ${whole} cannot be written: ${describeSystemError(error)}`,
      writeExitCode(error),
      {
        cause: error,
      },
    )
  }
}

/** What follows from the keys: `public-keys.env` and `hub.conf`. */
export function writeConfiguration(dir: string, settings: HubSettings): string[] {
  const seenAt = settings.mountedAt ?? resolve(dir)
  const publicKeys = hubKeys(dir, settings).map(
    ({ key, dir: folder }) => `${publicKeyVariable(key)}=${readPublicKey(folder, key)}`,
  )
  const { formerKeys } = settings
  const formerVariable = (key: string) => publicKeyVariable(`former-${key}`)
  for (const [key, former] of Object.entries(formerKeys)) publicKeys.push(`${formerVariable(key)}=${former}`)
  const conf = hubConfig({
    sites: settings.sites,
    leafSites: settings.leafSites,
    publicKeyOf: (key) => `$${publicKeyVariable(key)}`,
    formerKeyOf: (key) => (formerKeys[key] === undefined ? undefined : `$${formerVariable(key)}`),
    listen: settings.listen,
    http: settings.http,
    ...(settings.leafListen && { leafListen: settings.leafListen }),
    ...(settings.advertise && { advertise: settings.advertise }),
    ...(settings.isTls && {
      tls: { cert: `${seenAt}/tls/hub.pem`, key: `${seenAt}/tls/hub.key`, ca: `${seenAt}/tls/ca.pem` },
    }),
    jetstream: { storeDir: settings.store ?? `${seenAt}/jetstream`, maxFileBytes: settings.storeMiB * MIB },
    include: ['./public-keys.env'],
  })
  return [
    ...writeChanged(join(dir, 'public-keys.env'), `${publicKeys.join('\n')}\n`, MODE.open),
    ...writeChanged(join(dir, 'hub.conf'), conf, MODE.open),
  ]
}

function makeMissingKeys(dir: string, settings: HubSettings): string[] {
  const keys = hubKeys(dir, settings)
  return [...new Set(keys.map((key) => key.dir))].flatMap((folder) => {
    const made = makeKeys(
      folder,
      keys.filter((key) => key.dir === folder).map(({ key }) => key),
    )
    return made.length > 0 ? [`made ${folder}: ${made.map((key) => `${key}.seed`).join(', ')}`] : []
  })
}

/** A CA of its own, and what nats-server shows; the CA's key is needed again only to make another certificate. */
export async function makeMissingCertificates(dir: string, hosts: readonly string[], nowMs: number): Promise<string[]> {
  const path = (name: string) => join(dir, name)
  mkdirSync(dir, { recursive: true, mode: MODE.folder })
  const done: string[] = []
  if (!existsSync(path('ca.pem')) || !existsSync(path('ca.key'))) {
    const made = await makeCa(caValidity(nowMs))
    writeWhole(path('ca.key'), made.key, MODE.secret)
    writeWhole(path('ca.pem'), made.certificate, MODE.open)
    done.push(`made ${path('ca.pem')} and ca.key: the CA that apps and sites know the hub by`)
  }
  const ca = { key: readFileSync(path('ca.key'), 'utf8'), certificate: readFileSync(path('ca.pem'), 'utf8') }
  const names = [...new Set(['localhost', '127.0.0.1', '::1', hostname(), ...hosts])]
  const why =
    existsSync(path('hub.pem')) && existsSync(path('hub.key'))
      ? whyRenewFile(path('hub.pem'), ca.certificate, names, nowMs)
      : ''
  if (why === undefined) return done
  const made = await issueCertificate(ca, names, hubValidity(nowMs))
  writeWhole(path('hub.key'), made.key, MODE.secret)
  writeWhole(path('hub.pem'), made.certificate, MODE.open)
  return [...done, `made ${path('hub.pem')} and hub.key for ${names.join(', ')}${why && ` (the one before: ${why})`}`]
}

function whyRenewFile(path: string, ca: string, names: readonly string[], nowMs: number): string | undefined {
  try {
    return whyRenew(readFileSync(path, 'utf8'), ca, names, nowMs)
  } catch {
    return 'it cannot be read'
  }
}

function writeChanged(path: string, text: string, mode: number): string[] {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : undefined
  if (before === text) return []
  writeWhole(path, text, mode)
  return [`${before === undefined ? 'wrote' : 'changed'} ${path}`]
}

/** Complete or not at all. */
function writeWhole(path: string, text: string, mode: number): void {
  mkdirSync(dirname(path), { recursive: true })
  rmSync(`${path}.new`, { force: true })
  writeFileSync(`${path}.new`, text, { mode, flag: 'wx' })
  chmodSync(`${path}.new`, mode)
  renameSync(`${path}.new`, path)
}
