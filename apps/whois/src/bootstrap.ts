// Which registry answers for an address: IANA's bootstrap files (RFC 9224), for IPv4 and for IPv6.
// In: the text of a file, which may come from anywhere. Out: a table. `parse` throws BootstrapError when the file cannot be right.
import { REGISTRIES, type Registry } from '@netbehave/schema'
import { z } from 'zod'
import { type Block, contains, type Family, parseBlock } from './address-range.ts'

/** Where to ask for addresses of a block. */
export interface Authority {
  readonly registry: Registry
  /** Base of RDAP queries, ends with a slash. */
  readonly baseUrl: string
}

export interface Bootstrap {
  /** When IANA published the file, as it says. */
  readonly publication: string
  readonly blocks: readonly (Block & Authority)[]
}

/** The file is none of IANA's, or a part of one. */
export class BootstrapError extends Error {
  override readonly name = 'BootstrapError'
}

/** A file with fewer blocks than this has lost some; today's have 221 and 34. */
const LEAST_BLOCKS = { 4: 150, 6: 20 } as const
const MOST_BLOCKS = 5000
/** Nothing wider than this was ever given to one registry. */
const WIDEST = { 4: 8, 6: 12 } as const

const BootstrapFile = z.object({
  version: z.string(),
  publication: z.iso.datetime({ offset: true }),
  services: z.array(z.tuple([z.array(z.string()), z.array(z.string())])).max(MOST_BLOCKS),
})

export function parseBootstrap(text: string, family: Family): Bootstrap {
  const file = BootstrapFile.safeParse(readJson(text))
  if (!file.success) throw new BootstrapError(`it does not have the form of RFC 9224: ${file.error.issues[0]!.message}`)
  const blocks = file.data.services.flatMap(([prefixes, urls]) => {
    const authority = findAuthority(urls)
    // Other networks than those of the five registries would be news; they are left out rather than asked.
    return authority ? prefixes.map((prefix) => ({ ...readPrefix(prefix, family), ...authority })) : []
  })
  if (blocks.length < LEAST_BLOCKS[family] || blocks.length > MOST_BLOCKS)
    throw new BootstrapError(`it has ${blocks.length} blocks of the five registries, which cannot be all, or only them`)
  const missing = REGISTRIES.filter((registry) => !blocks.some((block) => block.registry === registry))
  if (missing.length > 0) throw new BootstrapError(`it has nothing of ${missing.join(', ')}`)
  return { publication: file.data.publication, blocks }
}

/** The longest block that holds the address; undefined: no registry has it. */
export function findAuthorityOf(bootstrap: Bootstrap, value: bigint): Authority | undefined {
  let best: (Block & Authority) | undefined
  for (const block of bootstrap.blocks) {
    if (contains(block, value) && (best === undefined || block.prefixLength > best.prefixLength)) best = block
  }
  return best
}

/** By the name of a host: `rdap.db.ripe.net` is RIPE's. */
export function registryOfHost(hostname: string): Registry | undefined {
  return REGISTRIES.find((registry) => hostname === `${registry}.net` || hostname.endsWith(`.${registry}.net`))
}

/** A URL that others are below: with a slash at its end. */
export function toBaseUrl(text: string): string {
  const { href } = new URL(text)
  return href.endsWith('/') ? href : `${href}/`
}

/** Whose service a URL is of: by the bases that are configured, else by its host. */
export function registryOfUrl(
  url: URL,
  baseUrls: Readonly<Partial<Record<Registry, string | undefined>>>,
): Registry | undefined {
  const configured = REGISTRIES.find((registry) => {
    const base = baseUrls[registry]
    return base !== undefined && url.href.startsWith(toBaseUrl(base))
  })
  return configured ?? registryOfHost(url.hostname)
}

function findAuthority(urls: readonly string[]): Authority | undefined {
  for (const text of urls) {
    const url = URL.parse(text)
    const registry = url?.protocol === 'https:' && url.port === '' ? registryOfHost(url.hostname) : undefined
    if (url && registry) return { registry, baseUrl: toBaseUrl(url.href) }
  }
  return undefined
}

function readPrefix(prefix: string, family: Family): Block {
  const block = parseBlock(prefix)
  if (block === undefined || block.family !== family || block.prefixLength < WIDEST[family])
    throw new BootstrapError(`${JSON.stringify(prefix.slice(0, 64))} is no block of IPv${family}`)
  return block
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new BootstrapError('it is no JSON', { cause: error })
  }
}
