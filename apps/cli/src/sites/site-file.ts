// `NAME.site.yaml`: all that the box of a site needs, written at the hub by `broker add-site`, read there by `up --site`. A secret key is
// in it. Fails: CommandError with one sentence.
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isSubjectToken, SITE_KEEP_BYTES } from '@netbehave/schema'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { CommandError, describeSystemError, EXIT, systemCode, writeExitCode } from '../exit-codes.ts'
import { isListenAddress } from '../listen-address.ts'

const MIB = 1024 * 1024
export const DEFAULT_KEEP_MIB = SITE_KEEP_BYTES / MIB
/** Less would not bridge a restart of the hub on a busy site. */
export const LEAST_KEEP_MIB = 64

export const SiteFile = z.strictObject({
  site: z.string().refine(isSubjectToken, 'use 1 to 64 letters, digits, _ or -'),
  /** HOST:PORT of the hub's port for sites. */
  hub: z.string().refine(isListenAddress, 'write HOST:PORT, for example hub.example:7422'),
  /** What the site keeps of flows while the hub is away. */
  keepMiB: z.number().int().min(LEAST_KEEP_MIB).default(DEFAULT_KEEP_MIB),
  /** The site's key, with which its nats-server signs in at the hub. */
  key: z.string().regex(/^SU[A-Z2-7]{56}$/, 'this is no key; let the hub write the file again'),
  /** The CA that signed the hub's certificate, PEM. */
  ca: z.string().startsWith('-----BEGIN CERTIFICATE-----', 'this is no certificate; let the hub write the file again'),
})
export type SiteFile = z.infer<typeof SiteFile>

export const siteFileName = (site: string): string => `${site}.site.yaml`

/** Complete or not at all, readable by its owner only. */
export function writeSiteFile(path: string, content: SiteFile): void {
  const text = `# Everything that the box at the site ${content.site} needs: copy it there, then run: netbehave up --site ${content.site}
# The key in it is secret. Whoever has this file can send flows as ${content.site}, and as no other site.
${stringify(content)}`
  try {
    rmSync(`${path}.new`, { force: true })
    writeFileSync(`${path}.new`, text, { mode: 0o600, flag: 'wx' })
    chmodSync(`${path}.new`, 0o600)
    renameSync(`${path}.new`, path)
  } catch (cause) {
    throw new CommandError(`cannot write ${path}: ${describeSystemError(cause)}`, writeExitCode(cause), { cause })
  }
}

export function readSiteFile(path: string): SiteFile {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const why = systemCode(cause) === 'ENOENT' ? 'it is not there' : describeSystemError(cause)
    throw new CommandError(
      `cannot read ${path}: ${why}; the hub writes it: netbehave broker add-site NAME --hub HOST:PORT`,
      EXIT.noInput,
      { cause },
    )
  }
  try {
    return SiteFile.parse(parse(text))
  } catch (cause) {
    const why = cause instanceof z.ZodError ? describeFirst(cause) : (cause as Error).message.split('\n')[0]
    throw new CommandError(`${path} cannot be used: ${why}`, EXIT.config, { cause })
  }
}

const describeFirst = ({ issues: [issue] }: z.ZodError): string =>
  issue!.path.length === 0 ? issue!.message : `${issue!.path.join('.')}: ${issue!.message}`

/** The file of a site by its name, in the data folder or the current one; undefined when it is in neither. */
export const findSiteFile = (site: string, dataDir: string): string | undefined =>
  [dataDir, '.'].map((dir) => resolve(join(dir, siteFileName(site)))).find((path) => existsSync(path))
