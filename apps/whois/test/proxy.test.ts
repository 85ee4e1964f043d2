// Through an HTTP proxy (CONNECT, RFC 9110 §9.3.6), which is the only host that we connect to.
import assert from 'node:assert/strict'
import { createServer, type IncomingMessage, request } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, connect, createServer as createNetServer, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { test } from 'node:test'
import { until } from '@netbehave/bench'
import { arin, ripe } from './answers.ts'
import { selfSigned } from './certificate.ts'
import { json, redirect, startRdapServer } from './rdap-server.ts'
import { startSystem } from './system.ts'

const GOOD = arin({ start: '8.8.8.0', end: '8.8.8.255', name: 'EXAMPLE-NET', org: 'Example Networks' })

/** Leads every tunnel to `port` on loopback, and passes plain requests on. */
async function startProxy(port: number) {
  const connects: string[] = []
  const plain: string[] = []
  const authorizations: (string | undefined)[] = []
  const server = createServer((incoming, response) => {
    plain.push(incoming.url!)
    const { pathname } = new URL(incoming.url!)
    request({ port, path: pathname, method: incoming.method }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(response)
    }).end()
  })
  const sockets = new Set<Duplex>()
  server.on('connect', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    connects.push(incoming.url!)
    authorizations.push(incoming.headers['proxy-authorization'])
    const tunnel = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      tunnel.write(head)
      tunnel.pipe(socket).pipe(tunnel)
    })
    for (const end of [socket, tunnel]) {
      sockets.add(end)
      end.on('error', () => {})
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    ...{ connects, plain, authorizations },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function startTls(hostname: string, answer: (path: string) => unknown) {
  const { key, cert } = selfSigned(hostname)
  const server = createHttpsServer({ key, cert }, (incoming, response) =>
    response.end(JSON.stringify(answer(incoming.url!))),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    cert,
    port: (server.address() as AddressInfo).port,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A look-up of a name would be a way around the proxy. */
const resolve = () => assert.fail('a name was looked up here, not by the proxy')

test('a registry is asked through the tunnel of the proxy, with TLS from end to end', async () => {
  const asked: string[] = []
  await using tls = await startTls('rdap.arin.net', (path) => {
    asked.push(path)
    return GOOD
  })
  await using proxy = await startProxy(tls.port)
  const url = `http://someone:word@127.0.0.1:${proxy.port}`
  await using system = await startSystem({ baseUrls: {}, proxy: url, ca: tls.cert, resolve })
  const { holder } = await system.answerTo('8.8.8.8')
  assert.deepEqual([holder?.name, holder?.registry], ['EXAMPLE-NET', 'arin'])
  assert.deepEqual(proxy.connects, ['rdap.arin.net:443'])
  assert.deepEqual(proxy.authorizations, [`Basic ${Buffer.from('someone:word').toString('base64')}`])
  assert.deepEqual(asked, ['/registry/ip/8.8.8.8'])
})

test('a certificate of another host is not taken through the proxy either', async () => {
  await using tls = await startTls('rdap.example.com', () => GOOD)
  await using proxy = await startProxy(tls.port)
  const url = `http://127.0.0.1:${proxy.port}`
  await using system = await startSystem({ baseUrls: {}, proxy: url, ca: tls.cert, resolve })
  assert.equal(await system.problemOf('8.8.8.8'), '')
  assert.equal(system.whois.counters.work.busy, 5)
})

test('through a proxy a redirect to a private address or name is refused as well', async () => {
  await using server = await startRdapServer(redirect('https://127.0.0.1/'))
  await using proxy = await startProxy(Number(new URL(server.origin).port))
  const url = `http://127.0.0.1:${proxy.port}`
  await using system = await startSystem({ baseUrls: server.baseUrls, proxy: url, resolve })
  assert.equal(await system.problemOf('8.8.8.8'), 'target')
  assert.deepEqual([proxy.connects, proxy.plain.length], [[], 1])
})

test('a configured service without TLS goes through the proxy too', async () => {
  await using server = await startRdapServer(
    json(ripe({ start: '193.0.0.0', end: '193.0.7.255', name: 'N', org: 'O' })),
  )
  await using proxy = await startProxy(Number(new URL(server.origin).port))
  const url = `http://127.0.0.1:${proxy.port}`
  await using system = await startSystem({ baseUrls: server.baseUrls, proxy: url, resolve })
  assert.equal((await system.answerTo('193.0.6.139')).state, 'known')
  assert.deepEqual(proxy.plain, [`${server.baseUrls.ripe}ip/193.0.6.139`])
})

test('without a proxy the certificate and the name are checked on the way to a public address', async () => {
  await using system = await startSystem({ baseUrls: {}, resolve: async () => ['127.0.0.1'] })
  assert.equal(await system.problemOf('8.8.8.8'), 'target')
})

/** A proxy that does one thing with every connection. */
async function startRawProxy(onConnection: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createNetServer((socket) => {
    connections++
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    socket.resume()
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    open: () => sockets.size,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

test('a proxy that never answers is given up in time, and left', async () => {
  await using proxy = await startRawProxy(() => {})
  await using system = await startSystem({ baseUrls: {}, proxy: proxy.url, timeoutMs: 200, resolve })
  assert.equal(await system.problemOf('8.8.8.8'), 'timeout')
  await until('the connection is gone', () => proxy.open() === 0)
  assert.equal(proxy.connections(), 1)
})

test('a proxy that wants a password first is one that is away', async () => {
  await using proxy = await startRawProxy((socket) => {
    socket.once('data', () => socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n'))
  })
  await using system = await startSystem({ baseUrls: {}, proxy: proxy.url, resolve })
  assert.equal(await system.problemOf('8.8.8.8'), '')
  assert.deepEqual([proxy.connections(), system.whois.counters.work.busy], [5, 5])
})
