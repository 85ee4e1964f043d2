// The state of the Live page: what came, what did not, how fast. Rows and gaps are bounded: the oldest go.
import type { Flow, FlowPage, LiveMessage } from '@netbehave/schema/api'
import { signal } from '@preact/signals'
import { ApiProblem, get } from '../api/ask.ts'
import type { FilterFault } from '../filter/filter-box.tsx'
import type { Entry, GapEntry } from '../flow/entry.ts'
import { flowKey } from '../flow/flow-key.ts'
import { sessionEnded } from '../session/session.ts'
import { LiveSocket, type SocketState } from './live-socket.ts'

/** Rows and gaps that are kept. */
export const MAX_ENTRIES = 3000
/** Rows that one gap loads from history. */
const GAP_ROWS = 1000

export interface LiveRates {
  readonly matchedPerS: number
  readonly shownPerS: number
  readonly dropped: number
  readonly lagMs: number | null
  /** Flows that matched since it was paused. */
  readonly missed: number
}

type Stat = Extract<LiveMessage, { t: 'stat' }>
type Gap = NonNullable<Stat['gap']>

export class LiveFeed {
  readonly entries = signal<readonly Entry[]>([])
  readonly rates = signal<LiveRates | null>(null)
  readonly socketState = signal<SocketState>({ is: 'connecting' })
  readonly isPaused = signal(false)
  readonly fault = signal<FilterFault | undefined>(undefined)
  /** Matches since the filter was applied. */
  readonly matched = signal(0)

  readonly #socket: LiveSocket
  #filter: string
  /** Of the subscription: another for each filter, so that what was on its way for the one before is known as that. */
  #id = 'live-1'
  #applied = 1
  #nextId = 1
  #last: { readonly stat: Stat; readonly atMs: number } | undefined
  /** What was not sent since it was paused. Nothing moves while one reads: it becomes a row when it goes on. */
  #held: Gap | undefined

  constructor(filter: string) {
    this.#filter = filter
    this.#socket = new LiveSocket({
      onMessage: (message) => this.#onMessage(message),
      onState: (state) => {
        this.socketState.value = state
        if (state.is === 'lost') this.rates.value = null
      },
      onSignedOut: sessionEnded,
      greeting: () => {
        this.#last = undefined
        const sub = { t: 'sub', id: this.#id, q: this.#filter } as const
        return this.isPaused.value ? [sub, { t: 'pause', id: this.#id }] : [sub]
      },
    })
  }

  close(): void {
    this.#socket.close()
  }

  apply(filter: string): void {
    this.#filter = filter
    this.fault.value = undefined
    this.entries.value = []
    this.rates.value = null
    this.matched.value = 0
    this.#last = undefined
    this.#held = undefined
    this.isPaused.value = false
    this.#socket.send({ t: 'unsub', id: this.#id })
    this.#id = `live-${++this.#applied}`
    this.#socket.send({ t: 'sub', id: this.#id, q: filter })
  }

  pause(): void {
    if (this.isPaused.value) return
    this.isPaused.value = true
    this.#socket.send({ t: 'pause', id: this.#id })
  }

  resume(): void {
    if (!this.isPaused.value) return
    this.isPaused.value = false
    if (this.#held) this.#addGap(this.#held)
    this.#held = undefined
    this.#socket.send({ t: 'resume', id: this.#id })
  }

  /** Puts what history has in the place of a gap. */
  async loadGap(gap: GapEntry): Promise<void> {
    if (gap.state === 'loading') return
    this.pause()
    this.#change(gap.id, [{ ...gap, state: 'loading' }])
    const query = {
      q: this.#filter,
      from: Math.floor(gap.fromMs),
      to: Math.ceil(gap.toMs) + 1,
      limit: GAP_ROWS,
      order: 'oldest',
    }
    try {
      const { flows } = await get<FlowPage>('flows', query)
      const shown = new Set(this.entries.value.flatMap((entry) => (entry.kind === 'flow' ? [flowKey(entry.flow)] : [])))
      const missing = flows.filter((flow) => !shown.has(flowKey(flow)))
      if (missing.length === 0) this.#change(gap.id, [{ ...gap, state: 'empty' }])
      else {
        const left = gap.flows - missing.length
        const rest: GapEntry[] =
          left > 0 && flows.length === GAP_ROWS
            ? [{ ...gap, flows: left, fromMs: flows.at(-1)!.firstMs, state: 'idle' }]
            : []
        this.#change(gap.id, [...missing.map((flow) => this.#entry(flow)), ...rest])
      }
    } catch (error) {
      if (!(error instanceof ApiProblem)) throw error
      this.#change(gap.id, [{ ...gap, state: 'failed', why: error.message }])
    }
  }

  #onMessage(message: LiveMessage): void {
    if (message.id !== null && message.id !== this.#id) return
    if (message.t === 'flows') this.#add(message.rows.map((flow) => this.#entry(flow)))
    else if (message.t === 'stat') this.#onStat(message)
    else if (message.t === 'err') this.fault.value = message
    else if (message.t === 'ok') this.fault.value = undefined
  }

  #onStat(stat: Stat): void {
    const atMs = performance.now()
    const before = this.#last
    const seconds = before ? (atMs - before.atMs) / 1000 : 1
    this.matched.value = stat.matched
    this.rates.value = {
      matchedPerS: Math.max(0, stat.matched - (before?.stat.matched ?? 0)) / seconds,
      shownPerS: Math.max(0, stat.sent - (before?.stat.sent ?? 0)) / seconds,
      dropped: stat.dropped,
      lagMs: stat.lagMs,
      missed: (this.#held?.flows ?? 0) + (this.isPaused.value ? (stat.gap?.flows ?? 0) : 0),
    }
    this.#last = { stat, atMs }
    if (!stat.gap) return
    if (this.isPaused.value) this.#held = this.#held ? together(this.#held, stat.gap) : stat.gap
    else this.#addGap(stat.gap)
  }

  #entry(flow: Flow): Entry {
    return { kind: 'flow', id: this.#nextId++, flow }
  }

  #add(added: readonly Entry[]): void {
    // What was sent before the pause arrived after it: it is counted as sent, so it is shown.
    const all = [...this.entries.value, ...added]
    this.entries.value = all.length > MAX_ENTRIES ? all.slice(-MAX_ENTRIES) : all
  }

  /** Two gaps without a row between them are one. */
  #addGap(gap: Gap): void {
    const last = this.entries.value.at(-1)
    if (last?.kind === 'gap') this.#change(last.id, [{ ...last, ...together(last, gap) }])
    else this.#add([{ ...gap, kind: 'gap', id: this.#nextId++, state: 'idle' }])
  }

  #change(id: number, by: readonly Entry[]): void {
    this.entries.value = this.entries.value.flatMap((entry) => (entry.id === id ? by : [entry]))
  }
}

/** Two spans and what is missing in them. */
const together = (one: Gap, other: Gap): Gap => ({
  flows: one.flows + other.flows,
  fromMs: Math.min(one.fromMs, other.fromMs),
  toMs: Math.max(one.toMs, other.toMs),
})
