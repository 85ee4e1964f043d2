// A site's streams → the hub's, over the line between their servers: each message once, in order, whatever happens to line, hub or site.
// Where to go on says the hub: every message carries the sequence that it has at the site. In: a connection that reads and empties the
// site's streams, and one on the line. Fails: never; while there is no hub everything stays here, and the next try follows.
import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeliverPolicy,
  JetStreamApiError,
  type JetStreamClient,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
} from '@nats-io/jetstream'
import { type NatsConnection, headers as newHeaders } from '@nats-io/transport-node'
import { DEDUPLICATION_MS, lastAtHub, type SiteStream, siteNames } from '@netbehave/schema'
import type { Broker } from './connect.ts'
import { beginGeneration, siteStreamState } from './site-streams.ts'

export interface ForwardOptions {
  readonly site: string
  readonly keeper: Broker
  /** Its messages go to the hub. */
  readonly line: Broker
  /** The hub answered. */
  readonly onAnswer: () => void
  /** The hub did not answer. */
  readonly onAway: (error: Error) => void
  /** Anything else: the hub does not take a message, the site's own server does not answer. It is tried again. */
  readonly onFault: (error: Error) => void
  /** A stream of the site turned out to be an older copy of itself: what is in it is forwarded again. */
  readonly onOlderCopy: (stream: string) => void
  readonly times?: Partial<ForwardTimes>
}

export interface ForwardTimes {
  /** From a fault to the next try. */
  readonly againMs: number
  /** Messages are on the way and nothing was answered for so long: is the hub there? */
  readonly stalledMs: number
  /** The same while nothing is on the way. */
  readonly idleMs: number
  /** What the hub has had for so long is on its disk, and is removed here. */
  readonly settledMs: number
  /** A line that carries all at once confirms within this; what is older waits. */
  readonly behindMs: number
}

export interface Forwarder extends AsyncDisposable {
  /** Messages of flows that the hub has not confirmed; 0 while the oldest of them is new. */
  readonly waiting: number
}

const TIMES: ForwardTimes = {
  againMs: 1_000,
  stalledMs: 2_000,
  idleMs: 10_000,
  settledMs: 60_000,
  behindMs: 10_000,
}
/** On the way and not confirmed: enough for a long line, and so little that a slow one carries it within the time for an answer. */
const WINDOW = { messages: 64, bytes: 512 * 1024 }
const ANSWER_MS = 30_000
/** Asked so often for nothing while it answers other questions, the messages on the way are lost. */
const STALLED_ANSWERS = 2
/** The hub was heard within this: by their ids it knows again what was on the way, and it is safe to send all of that once more. */
const REMEMBERED_MS = DEDUPLICATION_MS / 2
/** `GENERATION SEQUENCE` that a message has at the site. */
const POSITION = 'Netbehave-Site-Position'
const MESSAGE_ID = 'Nats-Msg-Id'

export function createForwarder(options: ForwardOptions): Forwarder {
  const { site, keeper, line, onAway, onFault } = options
  const times = { ...TIMES, ...options.times }
  const stopping = new AbortController()
  const { flows, events } = siteNames(site)
  const forwarded = [flows, events].map((stream) => new ForwardedStream(stream, { ...options, times }))

  async function run(): Promise<void> {
    const [here, there] = await Promise.all([keeper.connected, line.connected])
    const stopped = new Promise((resolve) => stopping.signal.addEventListener('abort', resolve, { once: true }))
    while (!stopping.signal.aborted) {
      const round = new AbortController()
      const signal = AbortSignal.any([stopping.signal, round.signal])
      const send = async (stream: ForwardedStream) => {
        try {
          await stream.send(here, there, signal)
        } catch (error) {
          if (signal.aborted) return
          if (error instanceof AwayError) onAway(error)
          // Whether the hub is there shows the question with which all begins again.
          else if (!(error instanceof LostError)) onFault(error as Error)
        } finally {
          // A fault is one of the line: both streams begin again.
          round.abort()
        }
      }
      // A question that is still open at the stop ends with the connection.
      await Promise.race([Promise.all(forwarded.map(send)), stopped])
      await sleep(times.againMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }
  // Either connection is closed before it is made only when all stops.
  const running = run().catch(() => {})

  return {
    get waiting() {
      return forwarded[0]!.waiting
    },
    async [Symbol.asyncDispose]() {
      stopping.abort()
      await running
    },
  }
}

/** The question where to go on was not answered. */
class AwayError extends Error {
  override readonly name = 'AwayError'
}

/** Messages on the way were not confirmed. */
class LostError extends Error {
  override readonly name = 'LostError'
}

type StreamOptions = Pick<ForwardOptions, 'site' | 'onAnswer' | 'onOlderCopy'> & {
  readonly times: ForwardTimes
}

/** Where one stream is. */
class ForwardedStream {
  readonly #stream: SiteStream
  readonly #options: StreamOptions
  #generation = ''
  /** The hub has all up to this sequence. */
  #confirmed = 0
  /** Confirmed while something before it is not. */
  readonly #early = new Set<number>()
  /** Sent in this round, in order, from the first that is not confirmed. */
  #sent: { readonly sequence: number; readonly storedMs: number }[] = []
  /** Not sent yet, as the server said last. */
  #pending = 0
  #heardMs = Number.NEGATIVE_INFINITY
  #settling: { readonly sequence: number; readonly sinceMs: number } | undefined
  #removed = 0

  constructor(stream: SiteStream, options: StreamOptions) {
    this.#stream = stream
    this.#options = options
  }

  get waiting(): number {
    const oldest = this.#sent[0]
    if (oldest === undefined || Date.now() - oldest.storedMs < this.#options.times.behindMs) return 0
    return this.#pending + this.#sent.length - this.#early.size
  }

  /** Rejects when the line fails, and after `signal`. */
  async send(here: NatsConnection, there: NatsConnection, signal: AbortSignal): Promise<never> {
    const manager = await jetstreamManager(here, { checkAPI: false })
    const first = await this.#whereToGoOn(manager, there)
    signal.throwIfAborted()
    this.#heard(manager)
    const consumer = await manager
      .jetstream()
      .consumers.get(this.#stream.name, { deliver_policy: DeliverPolicy.StartSequence, opt_start_seq: first })
    const messages = await consumer.consume({ max_messages: WINDOW.messages })
    const failed = Promise.withResolvers<never>()
    failed.promise.catch(() => {}) // also when nobody waits any more
    const stop = () => failed.reject(signal.reason)
    signal.addEventListener('abort', stop)
    using _asking = this.#askWhenQuiet(manager, there, failed.reject)
    try {
      const js = jetstream(there)
      const window = new Window()
      const reading = (async () => {
        for await (const message of messages) {
          this.#pending = message.info.pending
          if (!this.#isNew(message)) continue
          await Promise.race([window.take(message.data.length), failed.promise])
          this.#publish(js, message)
            .then(() => {
              this.#confirm(message.seq)
              this.#heard(manager)
            }, failed.reject)
            .finally(() => window.give(message.data.length))
        }
      })()
      await Promise.race([reading, failed.promise])
      throw new Error(`reading ${this.#stream.name} came to an end`)
    } finally {
      signal.removeEventListener('abort', stop)
      await messages.close()
    }
  }

  async #whereToGoOn(manager: JetStreamManager, there: NatsConnection): Promise<number> {
    const positions = await this.#askPositions(there)
    let { generation, last } = await siteStreamState(manager, this.#stream)
    const known = positions.filter((position) => position?.generation === generation).map((it) => it!.sequence)
    let atHub = known.length > 0 ? Math.max(...known) : undefined
    if ((atHub ?? 0) > last) {
      ;({ generation, last } = await beginGeneration(manager, this.#stream))
      this.#options.onOlderCopy(this.#stream.name)
      atHub = undefined
    }
    if (generation !== this.#generation) {
      this.#goTo(0)
      this.#heardMs = Number.NEGATIVE_INFINITY
      this.#generation = generation
    }
    const isRemembered = performance.now() - this.#heardMs < REMEMBERED_MS
    // A hub whose power failed may have less than it confirmed; one that was away for long has all that it ever got of what was on the way.
    if (atHub !== undefined && (atHub < this.#confirmed || !isRemembered)) this.#goTo(atHub)
    this.#sent = []
    for (const sequence of this.#early) if (sequence <= this.#confirmed) this.#early.delete(sequence)
    return this.#confirmed + 1
  }

  #goTo(confirmed: number): void {
    this.#confirmed = confirmed
    this.#removed = Math.min(this.#removed, confirmed)
    this.#early.clear()
    this.#settling = undefined
  }

  /** What the hub has last of each subject. Rejects with AwayError. */
  #askPositions(there: NatsConnection): Promise<(Position | undefined)[]> {
    return Promise.all(this.#stream.subjects.map((subject) => askPosition(there, subject))).catch((cause: Error) => {
      throw new AwayError(cause.message, { cause })
    })
  }

  /** Takes it into the order. False when the hub has it. */
  #isNew({ seq: sequence, timestampNanos }: JsMsg): boolean {
    if (sequence <= this.#confirmed) return false
    this.#sent.push({ sequence, storedMs: Number(timestampNanos / 1_000_000n) })
    if (!this.#early.has(sequence)) return true
    this.#advance()
    return false
  }

  #confirm(sequence: number): void {
    if (sequence <= this.#confirmed) return
    this.#early.add(sequence)
    this.#advance()
  }

  #advance(): void {
    while (this.#sent.length > 0 && this.#early.delete(this.#sent[0]!.sequence))
      this.#confirmed = this.#sent.shift()!.sequence
  }

  async #publish(js: JetStreamClient, message: JsMsg): Promise<void> {
    const headers = newHeaders()
    for (const key of message.headers?.keys() ?? [])
      if (key !== MESSAGE_ID) for (const value of message.headers!.values(key)) headers.append(key, value)
    headers.set(POSITION, `${this.#generation} ${message.seq}`)
    const msgID = `${this.#options.site}-${this.#generation}-${message.seq}`
    try {
      await js.publish(message.subject, message.data, { headers, msgID, timeout: ANSWER_MS })
    } catch (cause) {
      throw cause instanceof JetStreamApiError ? cause : new LostError((cause as Error).message, { cause })
    }
  }

  /** The hub has answered: what it has had for long is removed here. */
  #heard(manager: JetStreamManager): void {
    const nowMs = performance.now()
    this.#heardMs = nowMs
    this.#options.onAnswer()
    const settling = this.#settling
    if (settling && nowMs - settling.sinceMs >= this.#options.times.settledMs) {
      this.#settling = undefined
      this.#removed = settling.sequence
      // What is not removed now is with the next.
      manager.streams.purge(this.#stream.name, { seq: settling.sequence + 1 }).catch(() => {})
    }
    if (this.#confirmed > this.#removed) this.#settling ??= { sequence: this.#confirmed, sinceMs: nowMs }
  }

  /** Asks when nothing was answered for some time, and whether what is on the way got lost. */
  #askWhenQuiet(manager: JetStreamManager, there: NatsConnection, onFault: (error: Error) => void): Disposable {
    const { stalledMs, idleMs } = this.#options.times
    let isAsking = false
    let stalled = 0
    const timer = setInterval(async () => {
      const isBusy = this.#sent.length > 0
      const heardMs = this.#heardMs
      if (isAsking || performance.now() - heardMs < (isBusy ? stalledMs : idleMs)) return
      isAsking = true
      try {
        await this.#askPositions(there)
        stalled = isBusy && heardMs === this.#heardMs ? stalled + 1 : 0
        if (stalled >= STALLED_ANSWERS) onFault(new LostError('messages were lost on the way'))
        else if (stalled === 0) this.#heard(manager)
      } catch (error) {
        onFault(error as Error)
      }
      isAsking = false
    }, stalledMs)
    return { [Symbol.dispose]: () => clearInterval(timer) }
  }
}

interface Position {
  readonly generation: string
  readonly sequence: number
}

/** Rejects while the hub is away. Undefined: the hub has nothing of this subject that came from a site. */
async function askPosition(there: NatsConnection, subject: string): Promise<Position | undefined> {
  const { headers } = await there.request(lastAtHub(subject), '', { timeout: ANSWER_MS })
  const [generation, sequence] = (headers?.get(POSITION) ?? '').split(' ')
  return generation && sequence && /^\d+$/.test(sequence) ? { generation, sequence: Number(sequence) } : undefined
}

/** How much may be on the way. A message that is larger than all of it goes alone. */
class Window {
  #messages = 0
  #bytes = 0
  #onGiven: (() => void) | undefined

  async take(bytes: number): Promise<void> {
    while (this.#messages > 0 && (this.#messages >= WINDOW.messages || this.#bytes + bytes > WINDOW.bytes))
      await new Promise<void>((resolve) => {
        this.#onGiven = resolve
      })
    this.#messages++
    this.#bytes += bytes
  }

  give(bytes: number): void {
    this.#messages--
    this.#bytes -= bytes
    this.#onGiven?.()
  }
}
