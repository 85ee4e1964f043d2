// netbehave broker remove-site: a site that is no more. Its key is good for nothing from then on, and the hub no longer waits for its flows;
// those that came stay. Two kinds of hub, as in add-site.ts. Fails: CommandError.
import { join, resolve } from 'node:path'
import { removeKey, roleKey } from '@netbehave/broker'
import { writeHub } from '../broker/hub-folder.ts'
import { requireHubSettings } from '../broker/hub-settings.ts'
import { chooseDataDir } from '../data-dir.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { findRunningCopy } from '../run-file.ts'
import { TAKEN_BY_ITSELF } from './add-to-data.ts'
import { readHubSites, writeHubSites } from './hub-sites.ts'
import { siteFileName } from './site-file.ts'

export interface RemoveSiteOptions {
  /** Folder of `broker init`; absent: the hub is `netbehave up` on the data folder. */
  readonly dir?: string
  readonly data?: string
}

/** What was done, and what to do at the hub, a line each. */
interface Removed {
  readonly done: readonly string[]
  readonly steps: readonly string[]
}

export async function removeSite(name: string, options: RemoveSiteOptions, environment: Environment): Promise<void> {
  const { done, steps } =
    options.dir === undefined
      ? removeFromData(name, await chooseDataDir(options.data, environment))
      : await removeFromFolder(name, options.dir, environment.now())
  const lines = [
    ...done,
    `${name} is no longer a site of this hub; its flows that came stay`,
    '',
    ...(steps.length > 0 ? ['Next, here at the hub:', ...steps.map((step) => `  ${step}`)] : []),
    `at the box of ${name}: stop netbehave, remove its data folder and ${siteFileName(name)}`,
  ]
  environment.stdout.write(`${lines.join('\n')}\n`)
}

function removeFromData(name: string, dataDir: string): Removed {
  const natsDir = join(dataDir, 'nats')
  const before = readHubSites(natsDir)
  const names = before?.sites.map((site) => site.name) ?? []
  if (!before || !names.includes(name)) throw unknownSite(name, names)
  const keys = join(natsDir, 'keys')
  const key = roleKey('leaf', name)
  // First the list: `up` makes the keys that are missing of those in it.
  writeHubSites(natsDir, { ...before, sites: before.sites.filter((site) => site.name !== name) })
  removeKey(keys, key)
  const isRunning = findRunningCopy(dataDir) !== undefined
  return { done: [`removed ${join(keys, key)}.seed`], steps: isRunning ? [TAKEN_BY_ITSELF] : [] }
}

async function removeFromFolder(name: string, dir: string, nowMs: number): Promise<Removed> {
  const before = requireHubSettings(dir)
  if (!before.leafSites.includes(name)) throw unknownSite(name, before.leafSites)
  const key = roleKey('leaf', name)
  const { [name]: _keepMiB, ...keepMiB } = before.keepMiB
  const { [key]: _former, ...formerKeys } = before.formerKeys
  const leafSites = before.leafSites.filter((site) => site !== name)
  const done = await writeHub(dir, { ...before, leafSites, keepMiB, formerKeys }, nowMs)
  const keys = join(resolve(dir), 'keys', 'sites')
  removeKey(keys, key)
  return {
    done: [...done, `removed ${join(keys, key)}.seed`],
    steps: [
      `start nats-server again (a container: docker compose restart nats): a reload alone leaves the line of ${name} open`,
      `netbehave broker streams --dir ${dir}`,
    ],
  }
}

const unknownSite = (name: string, names: readonly string[]): CommandError =>
  new CommandError(
    `there is no site ${name} with a server of its own here; ${names.length > 0 ? `there are ${names.join(', ')}` : 'there is none'}`,
    EXIT.usage,
  )
