// The original's ipam.new: a JSON line for each new address, for scripts that tail it. Begun anew at a size; older files are ipam.new.1 …
import { appendFile, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { AssetEvent } from '@netbehave/schema'

export interface NewLog {
  /** Adds a line for each event. Rejects when the file cannot be written. */
  append(events: readonly AssetEvent[]): Promise<void>
}

export interface NewLogOptions {
  readonly path: string
  readonly maxBytes: number
  /** Older files that are kept. */
  readonly files: number
}

export function createNewLog({ path, maxBytes, files }: NewLogOptions): NewLog {
  async function rotate(): Promise<void> {
    if (files === 0) return rm(path, { force: true })
    for (let n = files - 1; n >= 0; n--) {
      await rename(n === 0 ? path : `${path}.${n}`, `${path}.${n + 1}`).catch(passOverMissing)
    }
  }

  return {
    async append(events) {
      const text = events.map((event) => `${JSON.stringify(toLine(event))}\n`).join('')
      await mkdir(dirname(path), { recursive: true })
      const size = await stat(path).then((file) => file.size, passOverMissing)
      if (size !== undefined && size > 0 && size + Buffer.byteLength(text) > maxBytes) await rotate()
      await appendFile(path, text)
    },
  }
}

const toLine = ({ atMs, asset, peers }: AssetEvent) => ({
  time: new Date(atMs).toISOString(),
  site: asset.site,
  ip: asset.ip,
  mac: asset.mac,
  vendor: asset.vendor,
  hostname: asset.hostname,
  peers: peers.map(({ ip, name }) => name || ip),
})

function passOverMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
