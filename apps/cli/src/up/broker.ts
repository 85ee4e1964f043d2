// nats-server under supervision: started, asked every few seconds whether it answers, started again on the same port when
// it ended or hangs. Fails: CommandError when the first start does not work; later failures are logged and tried again.
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import {
  type Broker,
  connectBroker,
  KeyError,
  type NatsServer,
  NatsServerError,
  type Role,
  startNatsServer,
} from '@netbehave/broker'
import type { Log } from '@netbehave/service'
import { CommandError, describeSystemError, EXIT, systemCode, writeExitCode } from '../exit-codes.ts'
import { formatHostPort, parseHostPort } from '../listen-address.ts'
import { createBackOff } from './back-off.ts'
import { guardChild } from './guard.ts'
import { aborted, wait } from './wait.ts'

/** What this nats-server is: the hub's (hub-plan.ts), or a site's (site-plan.ts). */
export interface BrokerPlan {
  /** Makes what is needed before each start: keys, certificates. */
  prepare(): Promise<void>
  /** Its whole configuration, listening on HOST:PORT. */
  config(listen: string): string
  /** Who makes the streams. */
  readonly keeper: Role
  makeStreams(keeper: Broker): Promise<void>
  /** Calls when the configuration is another one. */
  watch?(onChange: () => void): Disposable
}

export interface BrokerOptions {
  readonly plan: BrokerPlan
  /** Program, or its name on `path`. */
  readonly binary: string
  readonly path: string
  /** `<data>/nats`; must exist. */
  readonly dir: string
  /** HOST:PORT; 0 any free port. */
  readonly listen: string
  readonly instance: string
  readonly site: string
  readonly log: Log
  /** Told when nats-server ended unasked, and when it runs again. */
  readonly onDeath: () => void
  readonly onRestart: (pid: number) => void
  readonly pingMs?: number
}

export interface SupervisedBroker extends AsyncDisposable {
  readonly url: string
  /** Folder with the keys of the roles. */
  readonly keys: string
  readonly pid: number
  /** The connection of whoever made the streams. */
  readonly keeper: Broker
}

const PING_MS = 5_000
const STREAMS_AGAIN_MS = 1_000
/** So many pings without an answer, one after the other, and nats-server is taken for hung. */
const PINGS_LOST = 4

export async function startBroker(options: BrokerOptions): Promise<SupervisedBroker> {
  const { log, dir, plan } = options
  const { host, port: wanted } = parseHostPort(options.listen)!
  const binary = findProgram(options.binary, options.path)
  const keys = join(dir, 'keys')
  const start = async (port: number) => {
    await plan.prepare()
    return startNatsServer({ binary, dir, config: plan.config(formatHostPort({ host, port })) })
  }

  let server = await start(wanted).catch((error: Error) => {
    throw explainStart(error, options.listen)
  })
  let guard = guardChild(server.pid)
  const { url } = server
  const port = Number(new URL(url).port)
  const stopping = new AbortController()
  const { instance, site } = options
  const client = connectBroker({ brokerUrl: url, brokerKeys: keys, instance, site, giveUp: true }, plan.keeper, log)
  try {
    const endedEarly = server.ended.then((reason) => Promise.reject(new Error(`it ended (${reason})`)))
    await Promise.race([plan.makeStreams(client), endedEarly])
  } catch (error) {
    await client[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
    guard[Symbol.dispose]()
    throw new CommandError(`nats-server cannot hold the streams: ${(error as Error).message}`, EXIT.io, {
      cause: error,
    })
  }

  /** The one that was ended because the configuration is another one: its end is no death. */
  let replaced: NatsServer | undefined
  /** Since the last start began the configuration became another one. */
  let isOutdated = false
  const watched = plan.watch?.(() => {
    log.info('the sites are others now: nats-server is started again')
    isOutdated = true
    replace()
  })
  const supervising = supervise()
  const pinging = ping()

  /** One that has ended already stays so. */
  function replace(): void {
    replaced = server
    void server[Symbol.asyncDispose]()
  }

  async function supervise(): Promise<void> {
    const backOff = createBackOff()
    while (!stopping.signal.aborted) {
      const startedAt = performance.now()
      const reason = await Promise.race([server.ended, aborted(stopping.signal)])
      if (reason === undefined) return
      guard[Symbol.dispose]()
      const isWanted = server === replaced
      const pauseMs = isWanted ? 0 : backOff.next(performance.now() - startedAt)
      if (!isWanted) {
        options.onDeath()
        log.error({ pid: server.pid }, `nats-server ended (${reason}); starting it again`)
      }
      await startAgain(pauseMs, backOff)
    }
  }

  async function startAgain(firstWaitMs: number, backOff: { next(ranMs: number): number }): Promise<void> {
    for (let waitMs = firstWaitMs; ; waitMs = backOff.next(0)) {
      await wait(waitMs, stopping.signal)
      if (stopping.signal.aborted) return
      try {
        isOutdated = false
        server = await start(port)
        guard = guardChild(server.pid)
        options.onRestart(server.pid)
        log.info({ pid: server.pid }, `nats-server runs again on ${url}`)
        if (isOutdated) replace()
        else void makeStreams(server.pid)
        return
      } catch (error) {
        log.error({ err: error }, `nats-server does not start: ${(error as Error).message}; trying again`)
      }
    }
  }

  /** Until they are made, or this nats-server is no more. */
  async function makeStreams(pid: number): Promise<void> {
    while (!stopping.signal.aborted && pid === server.pid) {
      try {
        // Asked before the connection is there again it would not arrive.
        await client.flush()
        await plan.makeStreams(client)
        return
      } catch (error) {
        if (stopping.signal.aborted || pid !== server.pid) return
        log.warn({ err: error }, `the streams: ${(error as Error).message}; trying again`)
        await wait(STREAMS_AGAIN_MS, stopping.signal)
      }
    }
  }

  async function ping(): Promise<void> {
    let lost = 0
    while (!stopping.signal.aborted) {
      await wait(options.pingMs ?? PING_MS, stopping.signal)
      if (stopping.signal.aborted) return
      const pid = server.pid
      const answered = await Promise.race([
        client.flush().then(
          () => true,
          () => false,
        ),
        wait(options.pingMs ?? PING_MS, stopping.signal).then(() => false),
      ])
      lost = answered || pid !== server.pid ? 0 : lost + 1
      if (lost < PINGS_LOST || stopping.signal.aborted) continue
      log.error({ pid }, 'nats-server does not answer; ending it to start it again')
      server.kill()
      lost = 0
    }
  }

  return {
    url,
    keys,
    keeper: client,
    get pid() {
      return server.pid
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await Promise.all([supervising, pinging])
      watched?.[Symbol.dispose]()
      await client[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
      guard[Symbol.dispose]()
    },
  }
}

/** The program's path: looked for on `path` as a shell would. Throws CommandError when it is not there. */
function findProgram(binary: string, path: string): string {
  const candidates = binary.includes('/') ? [binary] : path.split(delimiter).map((folder) => join(folder, binary))
  const found = candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK)
      return statSync(candidate).isFile()
    } catch {
      return false // not here: look on
    }
  })
  if (found) return found
  throw new CommandError(
    `nats-server is not there (looked for ${binary}${binary.includes('/') ? '' : ' on PATH'}); start through ./netbehave, which brings it, or name it in NATS_SERVER_BIN`,
    EXIT.unavailable,
  )
}

function explainStart(error: Error, listen: string): Error {
  if (error instanceof KeyError) return new CommandError(error.message, EXIT.config, { cause: error })
  if (systemCode(error)) {
    return new CommandError(
      `nats-server's files cannot be written: ${describeSystemError(error)}`,
      writeExitCode(error),
      {
        cause: error,
      },
    )
  }
  if (!(error instanceof NatsServerError)) return error
  if (/address already in use/.test(error.message)) {
    return new CommandError(
      `the address ${listen} for nats-server is in use by another program; choose another with --nats HOST:PORT (port 0: any free one)`,
      EXIT.unavailable,
      { cause: error },
    )
  }
  if (/no space left/.test(error.message)) return new CommandError(error.message, EXIT.io, { cause: error })
  return new CommandError(error.message, EXIT.unavailable, { cause: error })
}
