// A web server on loopback that takes alerts as JSON. In: POSTs. Out: what each said.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

export interface Webhook extends AsyncDisposable {
  readonly taken: readonly { readonly kind: string; readonly subject: string }[]
  /** What makes `netbehave up` post alerts here. */
  readonly env: Readonly<Record<string, string>>
}

export async function startWebhook(): Promise<Webhook> {
  const taken: { kind: string; subject: string }[] = []
  const server = createServer(async (request, response) => {
    taken.push(JSON.parse(await text(request)))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    taken,
    env: { ALERTER_WEBHOOK_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts` },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
