// One connection to nats-server as one role. In: address, role. Fails: never at once; the connection is made, and made
// again, in the background, so that an app does what it can while the broker is away.
import { type JetStreamClient, jetstream } from '@nats-io/jetstream'
import {
  AuthorizationError,
  type ConnectionOptions,
  connect,
  type NatsConnection,
  nkeyAuthenticator,
  type Status,
  UserAuthenticationExpiredError,
} from '@nats-io/transport-node'
import { readSeed } from './roles/keys.ts'
import { type Role, roleKey } from './roles/roles.ts'

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
  /** Where a collector stands: it has a key of its own. */
  readonly site?: string
}

export interface BrokerCounters {
  disconnects: number
  reconnects: number
  /** Refused publishes and subscriptions, and other errors that only `status()` tells. */
  errors: number
}

export interface Broker extends AsyncDisposable {
  readonly role: Role
  readonly counters: BrokerCounters
  /** Is the connection up now? */
  readonly isConnected: boolean
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
const CLOSE_MS = 2_000

/** Throws KeyError when the role's key is to be had from a folder and is not there. */
export function connectBroker(config: BrokerConfig, role: Role, log: BrokerLog): Broker {
  const counters: BrokerCounters = { disconnects: 0, reconnects: 0, errors: 0 }
  const servers = config.brokerUrl.split(',').map((url) => url.trim())
  let nc: NatsConnection | undefined
  let up = false
  let closing = false
  const closed = Promise.withResolvers<void>()

  const key = roleKey(role, config.site ?? 'home')
  const options: ConnectionOptions = {
    servers,
    name: `${role}-${config.instance}`,
    inboxPrefix: `_INBOX.${key}`,
    ...(config.brokerKeys && { authenticator: nkeyAuthenticator(readSeed(config.brokerKeys, key)) }),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_WAIT_MS,
    noAsyncTraces: true,
  }

  /** The client's own `waitOnFirstConnect` cannot be called off, so the first connection is tried here. */
  async function connectFirst(): Promise<NatsConnection> {
    for (;;) {
      if (closing) throw new Error('the broker connection was closed before it was made')
      const connection = await connect(options).catch((error: Error) => error)
      if (!(connection instanceof Error)) return connection
      if (connection instanceof AuthorizationError || connection instanceof UserAuthenticationExpiredError)
        throw connection
      await Promise.race([new Promise((resolve) => setTimeout(resolve, RECONNECT_WAIT_MS)), closed.promise])
    }
  }

  const connected = connectFirst().then(async (connection) => {
    if (closing) {
      await connection.close()
      throw new Error('the broker connection was closed before it was made')
    }
    nc = connection
    up = true
    void watchStatus(connection)
    return connection
  })
  connected.catch((error: Error) => {
    if (!closing) log.error({ err: error, server: config.brokerUrl }, `no connection to the broker: ${error.message}`)
  })
  const waiting = setTimeout(() => {
    if (!up && !closing) {
      log.warn(
        { server: config.brokerUrl },
        `the broker at ${config.brokerUrl} does not answer; is nats-server running there? Trying on`,
      )
    }
  }, 2_000)
  waiting.unref()

  async function watchStatus(connection: NatsConnection): Promise<void> {
    for await (const status of connection.status()) onStatus(status)
  }

  function onStatus(status: Status): void {
    if (status.type === 'disconnect') {
      up = false
      counters.disconnects++
      if (!closing) log.warn({ server: status.server }, 'lost the broker; trying again until it is back')
    } else if (status.type === 'reconnect') {
      up = true
      counters.reconnects++
      log.info({ server: status.server }, 'the broker is back')
    } else if (status.type === 'error') {
      counters.errors++
      log.error({ err: status.error }, `the broker refused: ${status.error.message}`)
    }
  }

  return {
    role,
    counters,
    connected,
    get isConnected() {
      return up
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
              if (!error) onMessage(message.data, message.subject)
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
      if (!nc || !up || closing) return false
      nc.publish(subject, bytes)
      return true
    },
    async flush() {
      await (await connected).flush()
    },
    async [Symbol.asyncDispose]() {
      if (closing) return
      closing = true
      closed.resolve()
      clearTimeout(waiting)
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
