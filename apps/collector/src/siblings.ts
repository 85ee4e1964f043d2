// Other collectors of this site on the same data folder, on the same ports now or earlier. The kernel spreads exporters over those that
// listen, anew whenever one starts or ends, so an exporter may come from one to another at any time. In: what the others wrote. Out: their
// templates for data that waits here, and when they heard which exporter. Fails: a file that cannot be used is named and left out.
import { readdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { LimitedLog } from '@netbehave/service'
import type { Collector } from './collector.ts'
import { templateFile } from './template-file.ts'

export interface SiblingsOptions {
  readonly collector: Pick<Collector, 'decoder' | 'adoptTemplates'>
  /** `<data>/collector`. */
  readonly dir: string
  readonly site: string
  readonly instance: string
  /** Do others listen now? */
  readonly sharePorts: boolean
  readonly limitedLog: LimitedLog
}

export interface Siblings extends AsyncDisposable {
  /** When the others heard an exporter last, epoch ms; 0: never. */
  heardMs(ip: string): number
}

/** How soon templates are looked for when data waits, and how soon again when they were not there. */
const LOOK_MS = 100
const LOOK_AGAIN_MS = 1_000
const TELL_MS = 2_000

export function createSiblings(options: SiblingsOptions): Siblings {
  const { collector, dir, site, instance, sharePorts, limitedLog } = options
  const { decoder } = collector
  let heard: ReadonlyMap<string, number> = new Map()
  let restUntil = 0

  async function findTemplates(): Promise<void> {
    if (!decoder.isAwaiting || performance.now() < restUntil) return
    for (const path of await othersFiles(dir, templateFile(site, ''), templateFile(site, instance))) {
      const result = collector.adoptTemplates(await readJson(path))
      if ('refused' in result)
        limitedLog('siblings', { path }, `templates of another collector in ${path} cannot be used: ${result.refused}`)
      if (!decoder.isAwaiting) return
    }
    restUntil = performance.now() + LOOK_AGAIN_MS
  }

  async function tellAndHear(): Promise<void> {
    const own = lastSeen(decoder.reports())
    const path = join(dir, heardFile(site, instance))
    await writeFile(`${path}.new`, JSON.stringify(Object.fromEntries(own)))
    await rename(`${path}.new`, path)
    const others = await othersFiles(dir, heardFile(site, ''), heardFile(site, instance))
    heard = newest((await Promise.all(others.map(readJson))).map(readHeard))
    for (const [ip, atMs] of own) if ((heard.get(ip) ?? 0) > atMs) decoder.startAfresh(ip)
  }

  const every = (intervalMs: number, work: () => Promise<void>) => {
    let working: Promise<void> | undefined
    const tell = (error: Error) => limitedLog('siblings', { err: error }, `other collectors: ${error.message}`)
    const turn = () => {
      working ??= work()
        .catch(tell)
        .finally(() => {
          working = undefined
        })
    }
    const timer = setInterval(turn, intervalMs)
    timer.unref()
    return async () => {
      clearInterval(timer)
      await working
    }
  }
  const stops = [every(LOOK_MS, findTemplates), ...(sharePorts ? [every(TELL_MS, tellAndHear)] : [])]
  return {
    heardMs: (ip) => heard.get(ip) ?? 0,
    async [Symbol.asyncDispose]() {
      await Promise.all(stops.map((stop) => stop()))
    },
  }
}

const heardFile = (site: string, instance: string): string => `heard-${site}-${instance}.json`

/** Files that are called like ours but for the instance, the newest first. `stem` is the name without one. */
async function othersFiles(dir: string, stem: string, own: string): Promise<string[]> {
  const begin = basename(stem, '.json')
  const names = (await readdir(dir)).filter((name) => name.startsWith(begin) && name.endsWith('.json') && name !== own)
  const files = await Promise.all(
    names.map(async (name) => {
      const path = join(dir, name)
      return { path, atMs: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 }
    }),
  )
  return files.sort((a, b) => b.atMs - a.atMs).map(({ path }) => path)
}

/** undefined: gone, or no JSON. */
async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch {
    return undefined // what it would have told is not known; adoptTemplates says so
  }
}

function readHeard(json: unknown): [ip: string, atMs: number][] {
  if (typeof json !== 'object' || json === null) return []
  return Object.entries(json).filter((entry): entry is [string, number] => Number.isFinite(entry[1]))
}

function newest(all: readonly [ip: string, atMs: number][][]): Map<string, number> {
  const byIp = new Map<string, number>()
  for (const [ip, atMs] of all.flat()) byIp.set(ip, Math.max(atMs, byIp.get(ip) ?? 0))
  return byIp
}

/** An exporter may have several observation domains. */
export function lastSeen(reports: readonly { ip: string; lastSeenMs: number }[]): Map<string, number> {
  return newest([reports.map(({ ip, lastSeenMs }) => [ip, lastSeenMs])])
}
