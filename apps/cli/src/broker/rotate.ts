// netbehave broker rotate: another key in place of one. Apps read theirs at every sign-in, so the order is: the new key is on disk, the
// server knows it, the app is told to sign in by losing its connection; what it holds meanwhile it sends afterwards.
// Fails: CommandError when there is no such key, or the server does not take the new one.
import { join, resolve } from 'node:path'
import { KeyError, listKeys, ROLE_NAMES, type Role, readPublicKey, replaceKey, roleKey } from '@netbehave/broker'
import { connectNow } from '../broker-client.ts'
import { chooseDataDir } from '../data-dir.ts'
import type { Environment } from '../environment.ts'
import { CommandError, describeSystemError, EXIT } from '../exit-codes.ts'
import { findRunningCopy } from '../run-file.ts'
import { hubKeys, writeHub } from './hub-folder.ts'
import { type HubSettings, requireHubSettings } from './hub-settings.ts'
import { tellServer } from './tell-server.ts'

export interface RotateOptions {
  readonly dir?: string
  readonly data?: string
  readonly finish?: boolean
  readonly atOnce?: boolean
}

export async function rotateKey(key: string, options: RotateOptions, environment: Environment): Promise<void> {
  if (options.dir === undefined && (options.finish || options.atOnce))
    throw new CommandError(
      '--finish and --at-once go with --dir: under netbehave up the former key is good no longer at once',
      EXIT.usage,
    )
  const lines =
    options.dir === undefined
      ? await rotateOfCopy(key, options.data, environment)
      : await rotateInFolder(key, options.dir, options, environment)
  environment.stdout.write(`${lines.join('\n')}\n`)
}

async function rotateInFolder(
  key: string,
  dir: string,
  options: RotateOptions,
  { now }: Environment,
): Promise<string[]> {
  const settings = requireHubSettings(dir)
  const keys = hubKeys(resolve(dir), settings)
  const found = keys.find((entry) => entry.key === key)
  if (!found)
    throw unknownKey(
      key,
      keys.map((entry) => entry.key),
    )
  const { [key]: former, ...others } = settings.formerKeys
  const write = (formerKeys: HubSettings['formerKeys']) => writeHub(dir, { ...settings, formerKeys }, now())
  if (options.finish) {
    if (former === undefined) return [`the hub knows no former key of ${key}`]
    const done = await write(others)
    return [...done, '', 'Now:', `  1. ${refuseNow(found.role)}; from here on the former key of ${key} is refused`]
  }
  if (former !== undefined && !options.atOnce)
    throw new CommandError(
      `the hub still knows a former key of ${key}: end that first with netbehave broker rotate ${key} --dir ${dir} --finish`,
      EXIT.usage,
    )
  const before = readPublicKey(found.dir, key)
  replaceKey(found.dir, key)
  const done = await write(options.atOnce ? others : { ...others, [key]: before })
  return [`made a new key in ${join(found.dir, key)}.seed`, ...done, '', ...steps(found, dir, options.atOnce === true)]
}

const RELOAD = 'nats-server --signal reload   (a container: docker compose kill -s HUP nats)'

const RESTART =
  "start nats-server again (a container: docker compose restart nats), since a reload leaves a site's line open"
const refuseNow = (role: Role): string => (role === 'leaf' ? RESTART : RELOAD)

function steps(
  { key, role, dir: folder }: { key: string; role: Role; dir: string },
  dir: string,
  isAtOnce: boolean,
): string[] {
  const site = role === 'leaf' ? key.slice('leaf-'.length) : undefined
  const bring =
    site === undefined
      ? `where ${key} runs elsewhere: copy ${join(folder, key)}.seed there; where it got its key at its start (systemd): restart it`
      : `netbehave broker add-site ${site} --dir ${dir} --hub HOST:PORT   and bring the file to the site; restart netbehave up there`
  if (isAtOnce)
    return [
      'Now, in this order:',
      `  1. ${refuseNow(role)}; from here on the former key of ${key} is refused`,
      `  2. ${bring}`,
      'An app that reads its key in the folder itself needs no restart: it signs in with the new one.',
    ]
  return [
    'Now, in this order; nothing is lost, since both keys are good until the end:',
    `  1. ${RELOAD}`,
    `  2. ${bring}`,
    `  3. netbehave broker rotate ${key} --dir ${dir} --finish`,
    'An app that reads its key in the folder itself needs no restart: it signs in with the new one.',
  ]
}

/** nats-server of `netbehave up` is told at once; without a running copy the next start takes the new key. */
async function rotateOfCopy(key: string, data: string | undefined, environment: Environment): Promise<string[]> {
  const dataDir = await chooseDataDir(data, environment)
  const natsDir = join(dataDir, 'nats')
  const keys = join(natsDir, 'keys')
  const before = readKnownKey(keys, key)
  if (key.startsWith('leaf-'))
    throw new CommandError(
      `the key of a site's server is made at the hub: netbehave broker add-site ${key.slice('leaf-'.length)} writes a file with it`,
      EXIT.usage,
    )
  const running = findRunningCopy(dataDir)
  replaceKey(keys, key)
  const made = `made a new key in ${join(keys, key)}.seed`
  if (!running) return [made, 'the next start of netbehave up takes it']
  tellServer(natsDir, { before, after: readPublicKey(keys, key) }, running.natsPid)
  const { role, site } = roleOf(key)
  const address = { brokerUrl: running.nats, brokerKeys: keys, site }
  await using _broker = await connectWhenReloaded(address, role, environment)
  return [
    made,
    `nats-server takes it and refuses the former one; ${key} signs in with it by itself, nothing needs a restart`,
  ]
}

/** The reload takes a moment, and until then the new key is refused. */
async function connectWhenReloaded(...[address, role, environment]: Parameters<typeof connectNow>) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connectNow(address, role, environment)
    } catch (error) {
      if (attempt === RELOAD_ATTEMPTS || !(error instanceof CommandError)) throw error
      await new Promise((resolve) => setTimeout(resolve, RELOAD_WAIT_MS))
    }
  }
}
const RELOAD_ATTEMPTS = 20
const RELOAD_WAIT_MS = 250

function readKnownKey(keys: string, key: string): string {
  try {
    const known = listKeys(keys)
    if (!known.includes(key)) throw unknownKey(key, known)
    return readPublicKey(keys, key)
  } catch (error) {
    if (error instanceof CommandError) throw error
    const why = error instanceof KeyError ? error.message : `${keys}: ${describeSystemError(error)}`
    throw new CommandError(`no key can be replaced: ${why}`, EXIT.noInput, { cause: error })
  }
}

const unknownKey = (key: string, known: readonly string[]): CommandError =>
  new CommandError(`there is no key ${key}; there are ${known.join(', ')}`, EXIT.usage)

/** `collector-home` → the role collector at home. */
function roleOf(key: string): { role: Role; site: string } {
  const role = ROLE_NAMES.find((name) => roleKey(name, 'home') === key)
  return role ? { role, site: 'home' } : { role: 'collector', site: key.slice('collector-'.length) }
}
