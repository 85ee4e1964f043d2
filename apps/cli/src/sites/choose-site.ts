// Is this copy the hub, or the box of a site? In: options and configuration of `up`. Out: the site's file, or undefined. Fails: CommandError.
import { CommandError, EXIT } from '../exit-codes.ts'
import { isListenAddress } from '../listen-address.ts'
import { findSiteFile, readSiteFile, type SiteFile, siteFileName } from './site-file.ts'

export interface SiteChoice {
  readonly site: string
  /** Was it said, or is it the default? */
  readonly isNamed: boolean
  readonly dataDir: string
  /** `tls://HOST:PORT` or HOST:PORT, in place of that of the file. */
  readonly hub?: string | undefined
  readonly siteFile?: string | undefined
}

export function chooseSite({ site, isNamed, dataDir, hub, siteFile }: SiteChoice): SiteFile | undefined {
  const path = siteFile ?? findSiteFile(site, dataDir)
  if (path === undefined) {
    if (hub === undefined) return undefined
    throw new CommandError(
      `the site ${site} has no ${siteFileName(site)}, neither in ${dataDir} nor here: let the hub write it with "netbehave broker add-site ${site} --hub HOST:PORT" and copy it here, or name it with --site-file`,
      EXIT.config,
    )
  }
  const file = readSiteFile(path)
  if (isNamed && file.site !== site)
    throw new CommandError(`${path} is for the site ${file.site}, and not for ${site}`, EXIT.config)
  return hub === undefined ? file : { ...file, hub: hubAddress(hub) }
}

function hubAddress(hub: string): string {
  const address = hub.replace(/^tls:\/\//, '')
  if (isListenAddress(address)) return address
  throw new CommandError(`--hub ${hub}: write tls://HOST:PORT, for example tls://hub.example:7422`, EXIT.usage)
}
