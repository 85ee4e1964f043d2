// netbehave broker add-site: a key for a site's own server at the hub, and one file with all that the site's box needs. Run again it writes
// the same file. Two kinds of hub: that of `netbehave up` on a data folder, and one of `broker init`. Fails: CommandError.
import { readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import { HUB_DOMAIN, isSubjectToken } from '@netbehave/schema'
import { chooseDataDir } from '../data-dir.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { parseHostPort } from '../listen-address.ts'
import { findRunningCopy } from '../run-file.ts'
import { addToData } from './add-to-data.ts'
import { addToFolder } from './add-to-folder.ts'
import { DEFAULT_KEEP_MIB, siteFileName, writeSiteFile } from './site-file.ts'

export interface AddSiteOptions {
  /** Folder of `broker init`; absent: the hub is `netbehave up` on the data folder. */
  readonly dir?: string
  readonly data?: string
  /** HOST:PORT by which the site reaches the hub. */
  readonly hub: string
  readonly leafListen?: string
  readonly keepMib?: number
  /** Where the file goes; default: NAME.site.yaml here. */
  readonly out?: string
}

/** What both kinds of hub need to know. */
export interface NewSite {
  readonly name: string
  readonly hub: string
  readonly host: string
  /** Where the hub listens for sites, when no site was there before. */
  readonly leafListen: string
  readonly keepMiB: number
}

/** What adding came to. */
export interface AddedSite {
  readonly seedFile: string
  readonly caFile: string
  /** What was made or changed, a line each. */
  readonly done: readonly string[]
  /** Commands at the hub, before the site's box connects. */
  readonly steps: readonly string[]
}

export async function addSite(name: string, options: AddSiteOptions, environment: Environment): Promise<void> {
  checkName(name)
  const hub = options.hub.replace(/^tls:\/\//, '')
  const address = parseHostPort(hub)
  if (!address || address.port === 0)
    throw new CommandError(
      `--hub ${options.hub}: write HOST:PORT as the site reaches it, for example hub.example:7422`,
      EXIT.usage,
    )
  const leafListen = options.leafListen ?? `0.0.0.0:${address.port}`
  const site: NewSite = { name, hub, host: address.host, leafListen, keepMiB: options.keepMib ?? DEFAULT_KEEP_MIB }
  const added = await addTo(site, options, environment)
  const path = resolve(options.out ?? siteFileName(name))
  const key = readFileSync(added.seedFile, 'latin1').trim()
  writeSiteFile(path, { site: name, hub, keepMiB: site.keepMiB, key, ca: readFileSync(added.caFile, 'utf8') })
  environment.stdout.write(
    `${[...added.done, `wrote ${path}`, '', ...nextSteps(name, path, site, added.steps)].join('\n')}\n`,
  )
}

async function addTo(site: NewSite, { dir, data }: AddSiteOptions, environment: Environment): Promise<AddedSite> {
  if (dir !== undefined) return addToFolder(dir, site, environment.now())
  const dataDir = await chooseDataDir(data, environment)
  const { loadUpConfig } = await import('../up/config.ts')
  const own = loadUpConfig({ data: dataDir }, environment.env).site
  return addToData(join(dataDir, 'nats'), own, site, findRunningCopy(dataDir) !== undefined, environment.now())
}

function checkName(name: string): void {
  if (!isSubjectToken(name))
    throw new CommandError(`"${name}" cannot be the name of a site: use 1 to 64 letters, digits, _ or -`, EXIT.usage)
  if (name === HUB_DOMAIN)
    throw new CommandError(
      `"${name}" is what the hub is called on the broker: choose another name for the site`,
      EXIT.usage,
    )
}

function nextSteps(name: string, path: string, { hub }: NewSite, steps: readonly string[]): string[] {
  const file = relative('.', path)
  return [
    'Next, here at the hub:',
    ...steps.map((step) => `  ${step}`),
    `  let TCP ${hub.slice(hub.lastIndexOf(':') + 1)} through the firewall, to this machine`,
    `then bring the file to the box at ${name}; the key in it is secret:`,
    `  scp ${file.startsWith('..') ? path : file} USER@BOX:`,
    'there, where the file is:',
    `  netbehave up --site ${name}`,
    'and here again, to see it:',
    '  netbehave exporters',
  ]
}
