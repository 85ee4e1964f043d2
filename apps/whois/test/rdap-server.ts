// A registry's RDAP service on loopback, which does what a test says. Base URLs are `http://127.0.0.1:PORT/<registry>/`.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { REGISTRIES, type Registry } from '@netbehave/schema'

/** Path without the leading slash: `arin/ip/8.8.8.8`. */
export type Answerer = (path: string, response: ServerResponse, request: IncomingMessage) => void

export interface RdapServer extends AsyncDisposable {
  readonly origin: string
  readonly baseUrls: Readonly<Record<Registry, string>>
  /** Paths that were asked for, in order. */
  readonly asked: string[]
  /** Times of `asked`, ms of performance.now. */
  readonly askedAtMs: number[]
  answer: Answerer
}

export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answerer =>
  (_path, response) => {
    response.writeHead(status, { 'content-type': 'application/rdap+json', ...headers }).end(JSON.stringify(value))
  }

export const redirect =
  (to: string): Answerer =>
  (_path, response) => {
    response.writeHead(302, { location: to }).end()
  }

export async function startRdapServer(answer: Answerer = json({ errorCode: 404 }, 404)): Promise<RdapServer> {
  const server = createServer((request, response) => {
    const path = request.url!.slice(1)
    self.asked.push(path)
    self.askedAtMs.push(performance.now())
    self.answer(path, response, request)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const self = {
    origin,
    baseUrls: Object.fromEntries(REGISTRIES.map((name) => [name, `${origin}/${name}/`])) as Record<Registry, string>,
    asked: [] as string[],
    askedAtMs: [] as number[],
    answer,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return self
}
