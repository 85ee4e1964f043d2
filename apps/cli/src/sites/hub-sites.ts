// `DATA/nats/sites.json`: the sites whose servers connect to the hub that `netbehave up` runs on this data folder. `broker add-site` writes
// it, `up` reads it. Fails: CommandError when the file is not ours or cannot be read or written.
import { mkdirSync, readFileSync, renameSync, unwatchFile, watchFile, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isSubjectToken } from '@netbehave/schema'
import type { Log } from '@netbehave/service'
import { z } from 'zod'
import { CommandError, describeSystemError, EXIT, systemCode, writeExitCode } from '../exit-codes.ts'
import { isListenAddress } from '../listen-address.ts'
import { LEAST_KEEP_MIB } from './site-file.ts'

const address = z.string().refine(isListenAddress, 'write HOST:PORT')

export const HubSites = z.strictObject({
  /** Address on this machine for the sites' servers. */
  leafListen: address,
  /** Where the sites reach it. */
  advertise: address,
  /** Names and addresses in the hub's certificate, besides those of this machine. */
  hosts: z.array(z.string().min(1)),
  sites: z.array(
    z.strictObject({ name: z.string().refine(isSubjectToken), keepMiB: z.number().int().min(LEAST_KEEP_MIB) }),
  ),
})
export type HubSites = z.infer<typeof HubSites>

const fileOf = (natsDir: string): string => join(natsDir, 'sites.json')

/** Undefined: no site was added yet. */
export function readHubSites(natsDir: string): HubSites | undefined {
  const path = fileOf(natsDir)
  try {
    return HubSites.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    if (systemCode(cause) === 'ENOENT') return undefined
    const why = systemCode(cause) ? describeSystemError(cause) : 'it is damaged'
    throw new CommandError(
      `cannot read ${path}: ${why}; add the sites again with netbehave broker add-site`,
      EXIT.data,
      {
        cause,
      },
    )
  }
}

/** Complete or not at all. */
export function writeHubSites(natsDir: string, content: HubSites): void {
  const path = fileOf(natsDir)
  try {
    mkdirSync(natsDir, { recursive: true })
    writeFileSync(`${path}.new`, `${JSON.stringify(content, null, 2)}\n`)
    renameSync(`${path}.new`, path)
  } catch (cause) {
    throw new CommandError(`cannot write ${path}: ${describeSystemError(cause)}`, writeExitCode(cause), { cause })
  }
}

const LOOK_MS = 1_000

/** Calls when the file was written, or came to be; what it throws is logged. */
export function watchHubSites(natsDir: string, onWrite: () => void, log: Log): Disposable {
  const path = fileOf(natsDir)
  const look = () => {
    try {
      onWrite()
    } catch (error) {
      log.error({ err: error }, `the sites stay as they were: ${(error as Error).message}`)
    }
  }
  watchFile(path, { interval: LOOK_MS, persistent: false }, look)
  return { [Symbol.dispose]: () => unwatchFile(path, look) }
}
