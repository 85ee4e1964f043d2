// One connection to nats-server as one role. In: address, role. Fails: never at once; the connection is made, and made
// again, in the background, so that an app does what it can while the broker is away. Why there is none is told in one sentence.
import { type JetStreamClient, jetstream } from '@nats-io/jetstream'
import {
  type ConnectionOptions,
  connect,
  type NatsConnection,
  nkeyAuthenticator,
  PermissionViolationError,
  type Status,
} from '@nats-io/transport-node'
import { type ConnectAttempt, type ConnectFault, connectFault } from './connect-fault.ts'
import { readSeed } from './roles/keys.ts'
import { isProbe } from './roles/probe.ts'
import { type Role, roleKey } from './roles/roles.ts'
import { tlsOptions } from './tls.ts'

/** The least that this library needs of a logger. */
export interface BrokerLog {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export interface BrokerConfig {
  readonly brokerUrl: string
  readonly instance: string
  /** Folder with the keys of roles; empty or absent: the broker asks for none. */
  readonly brokerKeys?: string
  /** File with the CA of the broker's certificate; empty or absent: the CAs that Node knows. */
  readonly brokerCa?: string
  /** Where a collector stands: it has a key of its own. */
  readonly site?: string
  /** For commands: `connected` rejects with the first ConnectFault that does not pass by itself. */
  readonly giveUp?: boolean
}

export interface BrokerCounters {
  disconnects: number
  reconnects: number
  /** Refused publishes and subscriptions, refused keys, and other errors that only `status()` tells. */
  errors: number
}

export interface Broker extends AsyncDisposable {
  readonly role: Role
  readonly counters: BrokerCounters
  /** Is the connection up now? */
  readonly isConnected: boolean
  /** Why there is no connection now, once that is known. */
  readonly fault: ConnectFault | undefined
  /** Resolves with the first connection; rejects when the broker is closed before. */
  readonly connected: Promise<NatsConnection>
  /** JetStream on this connection. */
  jetstream(): Promise<JetStreamClient>
  /** Core subscription with a callback; made anew on every reconnect. */
  subscribe(subject: string, onMessage: (bytes: Uint8Array, subject: string) => void): Disposable
  /** Core publish: at most once, dropped while disconnected. For stats and live events only. Returns whether it was sent. */
  publishCore(subject: string, bytes: Uint8Array | string): boolean
  /** Sends what is buffered and waits until the server has it. */
  flush(): Promise<void>
}

const RECONNECT_WAIT_MS = 500
/** What somebody must mend first, a refused key or a wrong certificate, is tried less often. */
const MEND_WAIT_MS = 5_000
/** After a connection was lost: so long until the reason is looked for. */
const ASK_WHY_MS = 2_000
const COMPLAIN_MS = 60_000
const MAX_COMPLAINTS = 100
const CLOSE_MS = 2_000

/** Throws KeyError when the role's key or the CA is to be had from a file and is not there. */
export function connectBroker(config: BrokerConfig, role: Role, log: BrokerLog): Broker {
  const counters: BrokerCounters = { disconnects: 0, reconnects: 0, errors: 0 }
  const { brokerUrl, brokerKeys: keys = '', brokerCa: ca = '' } = config
  const key = roleKey(role, config.site ?? 'home')
  const attempt: ConnectAttempt = { url: brokerUrl.replaceAll(/\/\/[^@/,]*@/g, '//'), ca, key, keys }
  const servers = brokerUrl.split(',').map((url) => url.trim())
  const tls = tlsOptions(servers, ca)
  let nc: NatsConnection | undefined
  let fault: ConnectFault | undefined
  let up = false
  const closing = new AbortController()

  const options: ConnectionOptions = {
    servers,
    name: `${role}-${config.instance}`,
    inboxPrefix: `_INBOX.${key}`,
    ...(keys !== '' && { authenticator: nkeyAuthenticator(seedOf(keys, key)) }),
    ...(tls && { tls }),
    maxReconnectAttempts: -1,
    // A key that is refused may be known again after the hub's next reload.
    ignoreAuthErrorAbort: true,
    reconnectDelayHandler: () => retryMs(fault),
    noAsyncTraces: true,
  }

  /** The client's own `waitOnFirstConnect` cannot be called off, so the first connection is tried here. */
  async function connectFirst(): Promise<NatsConnection> {
    while (!closing.signal.aborted) {
      const connection = await connect(options).catch((error: Error) => error)
      if (!(connection instanceof Error)) return connection
      const why = connectFault(connection, attempt)
      if (config.giveUp && why.kind !== 'away') throw why
      tell(why)
      await pause(retryMs(why), closing.signal)
    }
    throw new Error('the broker connection was closed before it was made')
  }

  const connected = connectFirst().then(async (connection) => {
    if (closing.signal.aborted) {
      await connection.close()
      throw new Error('the broker connection was closed before it was made')
    }
    nc = connection
    up = true
    if (fault) log.info({ server: attempt.url }, `the broker at ${attempt.url} answers`)
    fault = undefined
    void watchStatus(connection)
    return connection
  })
  connected.catch(() => {}) // whoever awaits it is told

  /** Once for each reason. One that is merely away gets two seconds to come. */
  const startedAt = performance.now()
  function tell(why: ConnectFault): void {
    if (why.message === fault?.message) return
    if (why.kind === 'away' && nc === undefined && performance.now() - startedAt < ASK_WHY_MS) return
    fault = why
    if (why.kind === 'refused') counters.errors++
    if (why.kind === 'away') log.warn({ server: attempt.url }, `${why.message} Trying on`)
    else log.error({ err: why.cause, server: attempt.url }, why.message)
  }

  /** While it reconnects the client keeps the reason to itself: a connection beside it finds out. */
  async function askWhy(): Promise<void> {
    const disconnects = counters.disconnects
    const isOver = () => up || closing.signal.aborted || counters.disconnects !== disconnects
    for (await pause(ASK_WHY_MS, closing.signal); !isOver(); await pause(MEND_WAIT_MS, closing.signal)) {
      const probe = await connect({ ...options, reconnect: false }).catch((error: Error) => error)
      if (!(probe instanceof Error)) await probe.close()
      else if (!isOver()) tell(connectFault(probe, attempt))
    }
  }

  /** One that is refused again and again is told once a minute. */
  const complaints = new Map<string, number>()
  function complain(error: Error): void {
    const sentence = refusalOf(error, key)
    const now = performance.now()
    if (now - (complaints.get(sentence) ?? -Infinity) < COMPLAIN_MS) return
    if (complaints.size >= MAX_COMPLAINTS) complaints.clear()
    complaints.set(sentence, now)
    log.error({ err: error }, sentence)
  }

  async function watchStatus(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) onStatus(status)
  }

  function onStatus(status: Status): void {
    if (status.type === 'disconnect') {
      if (!up) return
      up = false
      counters.disconnects++
      if (closing.signal.aborted) return
      log.warn({ server: status.server }, 'lost the broker; trying again until it is back')
      void askWhy()
    } else if (status.type === 'reconnect') {
      up = true
      fault = undefined
      counters.reconnects++
      log.info({ server: status.server }, 'the broker is back')
    } else if (status.type === 'error') {
      const why = connectFault(status.error, attempt)
      if (why.kind === 'refused') tell(why)
      else {
        counters.errors++
        complain(status.error)
      }
    }
  }

  return {
    role,
    counters,
    connected,
    get isConnected() {
      return up
    },
    get fault() {
      return fault
    },
    jetstream: async () => jetstream(await connected),
    subscribe(subject, onMessage) {
      let end: (() => void) | undefined
      let ended = false
      void connected.then(
        (connection) => {
          if (ended) return
          const subscription = connection.subscribe(subject, {
            callback: (error, message) => {
              if (!error && !isProbe(message)) onMessage(message.data, message.subject)
            },
          })
          end = () => subscription.unsubscribe()
        },
        () => {},
      )
      return {
        [Symbol.dispose]() {
          ended = true
          end?.()
        },
      }
    },
    publishCore(subject, bytes) {
      if (!nc || !up || closing.signal.aborted) return false
      nc.publish(subject, bytes)
      return true
    },
    async flush() {
      await (await connected).flush()
    },
    async [Symbol.asyncDispose]() {
      if (closing.signal.aborted) return
      closing.abort()
      if (!nc) return
      // Draining waits for the server; one that is away must not hold up the stop.
      if (up)
        await Promise.race([
          nc.drain().catch(() => {}),
          new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref()),
        ])
      if (!nc.isClosed()) await nc.close()
    },
  }
}

const retryMs = (fault: ConnectFault | undefined): number =>
  (fault === undefined || fault.kind === 'away' ? RECONNECT_WAIT_MS : MEND_WAIT_MS) + Math.random() * RECONNECT_WAIT_MS

/** The key as it is at each sign-in, so that a rotated one needs no restart; one that cannot be read is the one before. */
function seedOf(keys: string, key: string): () => Uint8Array {
  let seed = readSeed(keys, key)
  return () => {
    try {
      seed = readSeed(keys, key)
    } catch {
      // being replaced, or gone: the server says whether the one before still counts
    }
    return seed
  }
}

/** A refused publish or subscription, or another error that only `status()` tells. */
const refusalOf = (error: Error, key: string): string =>
  error instanceof PermissionViolationError
    ? `the broker refused ${key} the ${error.operation === 'publish' ? 'publishing to' : 'subscription to'} ${error.subject}: its configuration is older than this program, or somebody changed it; netbehave broker check shows what differs`
    : `the broker refused: ${error.message}`

/** Ends early with the signal. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
