// A web server on loopback that takes JSON, as the receiver of a webhook does. In: POSTs. Out: what each said.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Webhook<Body> extends AsyncDisposable {
  readonly url: string
  /** Bodies in the order in which they came. */
  readonly taken: readonly Body[]
}

/** `Body` is what the test expects in what is posted. */
export async function startWebhook<Body>(): Promise<Webhook<Body>> {
  const taken: Body[] = []
  const server = createServer(async (request, response) => {
    taken.push(JSON.parse(await text(request)))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    taken,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
