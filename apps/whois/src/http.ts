// One GET of a registry, bounded: time, size, and where it may go. In: a URL that a registry may have chosen. Out: the answer, or a
// problem. Never throws. Proxy: Node's own support for it in http.Agent (`proxyEnv`), CONNECT for https.
import { type LookupAddress, type LookupOptions, lookup as systemLookup } from 'node:dns'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { parseValue } from './address-range.ts'
import { isSpecialPurpose } from './special-purpose.ts'

export type HttpProblem = 'target' | 'timeout' | 'too-large' | 'network'
export type HttpAnswer =
  | {
      readonly kind: 'answer'
      readonly status: number
      readonly location: string | undefined
      readonly retryAfter: string | undefined
      readonly body: string
    }
  | { readonly kind: 'problem'; readonly problem: HttpProblem; readonly why: string }

export interface HttpOptions {
  readonly timeoutMs: number
  readonly maxResponseBytes: number
  readonly proxy?: string | undefined
  /** Configured by the operator: also plain http, also private addresses. */
  readonly trustedUrls: readonly string[]
  /** Certificates that are trusted besides; for tests. */
  readonly ca?: string
  /** In place of the system's; for tests. */
  readonly resolve?: (hostname: string) => Promise<string[]>
}

export interface Http extends Disposable {
  get(url: URL, signal: AbortSignal): Promise<HttpAnswer>
}

const MAX_HEADER_BYTES = 16 * 1024
const HEADERS = {
  accept: 'application/rdap+json, application/json;q=0.9, */*;q=0.1',
  'accept-encoding': 'identity',
  'user-agent': 'NetBehave (RDAP)',
}

export function createHttp(options: HttpOptions): Http {
  const { timeoutMs, maxResponseBytes, proxy, ca, resolve = resolveBySystem } = options
  const proxyEnv = proxy === undefined ? {} : { proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } }
  // Sockets are few and questions rare: one at a time for each host, none kept for longer than a few questions.
  const agentOptions = { keepAlive: true, maxSockets: 1, timeout: timeoutMs, ...proxyEnv }
  const agents = {
    'http:': new HttpAgent(agentOptions),
    'https:': new HttpsAgent({ ...agentOptions, ...(ca && { ca }) }),
  }
  const trustedOrigins = new Set(options.trustedUrls.map((url) => new URL(url).origin))

  async function get(url: URL, signal: AbortSignal): Promise<HttpAnswer> {
    const isTrusted = trustedOrigins.has(url.origin)
    const objection = isTrusted ? undefined : objectionTo(url)
    if (objection !== undefined) return { kind: 'problem', problem: 'target', why: objection }
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const response = await send(url, isTrusted, AbortSignal.any([signal, timeout]))
      return await read(response)
    } catch (error) {
      if (timeout.aborted) return { kind: 'problem', problem: 'timeout', why: `no full answer within ${timeoutMs} ms` }
      const { message } = error as Error
      return { kind: 'problem', problem: error instanceof ForbiddenTarget ? 'target' : 'network', why: message }
    }
  }

  function send(url: URL, isTrusted: boolean, signal: AbortSignal): Promise<IncomingMessage> {
    const isPlain = url.protocol === 'http:'
    const request = (isPlain ? httpRequest : httpsRequest)(url, {
      agent: agents[isPlain ? 'http:' : 'https:'],
      headers: HEADERS,
      maxHeaderSize: MAX_HEADER_BYTES,
      signal,
      // Behind a proxy it is the proxy that looks names up, and the only host that we connect to.
      ...(!isTrusted && proxy === undefined && { lookup: onlyPublic(resolve) }),
    })
    return new Promise((resolve, reject) => {
      request.once('response', resolve)
      request.on('error', reject)
      request.end()
    })
  }

  async function read(response: IncomingMessage): Promise<HttpAnswer> {
    const tooLarge = { kind: 'problem', problem: 'too-large', why: `more than ${maxResponseBytes} bytes` } as const
    if (Number(response.headers['content-length']) > maxResponseBytes) {
      response.destroy()
      return tooLarge
    }
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxResponseBytes) {
        response.destroy()
        return tooLarge
      }
      chunks.push(chunk)
    }
    const { location, 'retry-after': retryAfter } = response.headers
    const body = new TextDecoder().decode(Buffer.concat(chunks))
    return { kind: 'answer', status: response.statusCode ?? 0, location, retryAfter, body }
  }

  return {
    get,
    [Symbol.dispose]() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

class ForbiddenTarget extends Error {
  override readonly name = 'ForbiddenTarget'
}

/** Why a URL that nobody configured is not followed. */
function objectionTo(url: URL): string | undefined {
  if (url.protocol !== 'https:') return `${url.protocol.slice(0, -1)} is not followed, only https`
  if (url.port !== '' || url.username !== '' || url.password !== '')
    return 'a port or a user name in it is not followed'
  const { hostname } = url
  if (isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0) return 'a bare address is not followed'
  if (!hostname.includes('.') || /\.(localhost|local|internal|arpa|test)\.?$/.test(hostname))
    return `${hostname} is no public name`
  return undefined
}

const resolveBySystem = (hostname: string): Promise<string[]> =>
  new Promise((resolve, reject) => {
    systemLookup(hostname, { all: true }, (error, found) => {
      if (error) reject(error)
      else resolve(found.map(({ address }) => address))
    })
  })

/** A look-up that fails when a name leads to any private or reserved address: the check and the connection see the same answer. */
function onlyPublic(resolve: (hostname: string) => Promise<string[]>): LookupFunction {
  return (hostname, { all }: LookupOptions, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const found = addresses.map((address): LookupAddress => ({ address, family: isIP(address) }))
        const bad = found.find(({ address }) => isSpecialPurpose(parseValue(address) ?? 0n))
        if (bad || found.length === 0)
          callback(new ForbiddenTarget(`${hostname} leads to ${bad?.address ?? 'no address'}, which is not asked`), '')
        else if (all) callback(null, found)
        else callback(null, found[0]!.address, found[0]!.family)
      },
      (error: Error) => callback(error, ''),
    )
  }
}
