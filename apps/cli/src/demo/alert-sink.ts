// Takes the demo's alerts, as a webhook of one's own would. In: POSTs with JSON. Out: their subjects.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

const BYTES_AT_MOST = 1_000_000

export interface AlertSink extends AsyncDisposable {
  readonly url: string
}

export async function openAlertSink(onAlert: (subject: string) => void): Promise<AlertSink> {
  const server = createServer(async (request, response) => {
    if (Number(request.headers['content-length'] ?? 0) > BYTES_AT_MOST) return response.writeHead(413).end()
    const subject = subjectOf(await text(request).catch(() => ''))
    if (subject === undefined) return response.writeHead(400).end()
    onAlert(subject)
    return response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function subjectOf(body: string): string | undefined {
  try {
    const { subject } = JSON.parse(body) as { subject?: unknown }
    return typeof subject === 'string' ? subject : undefined
  } catch {
    return undefined
  }
}
