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
const ID = 'live'

export interface LiveRates {
  readonly matchedPerS: number
  readonly shownPerS: number
  readonly dropped: number
  readonly lagMs: number | null
  /** Flows that matched since it was paused. */
  readonly missed: number
}

type Stat = Extract<LiveMessage, { t: 'stat' }>

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
  #nextId = 1
  #last: { readonly stat: Stat; readonly atMs: number } | undefined
  #paused: { readonly unseen: number; readonly sinceMs: number } | undefined

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
        if (this.#paused) this.#paused = { unseen: 0, sinceMs: this.#paused.sinceMs }
        const sub = { t: 'sub', id: ID, q: this.#filter } as const
        return this.isPaused.value ? [sub, { t: 'pause', id: ID }] : [sub]
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
    this.#paused = undefined
    this.isPaused.value = false
    this.#socket.send({ t: 'sub', id: ID, q: filter })
  }

  pause(): void {
    if (this.isPaused.value) return
    const stat = this.#last?.stat
    this.#paused = { unseen: stat ? unseen(stat) : 0, sinceMs: this.#newestMs() }
    this.isPaused.value = true
    this.#socket.send({ t: 'pause', id: ID })
  }

  resume(): void {
    if (!this.isPaused.value) return
    this.isPaused.value = false
    const stat = this.#last?.stat
    if (stat && this.#paused) {
      const flows = unseen(stat) - this.#paused.unseen
      if (flows > 0) this.#addGap(flows, this.#paused.sinceMs, Date.now())
    }
    this.#paused = undefined
    this.#socket.send({ t: 'resume', id: ID })
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
      missed: this.#paused ? unseen(stat) - this.#paused.unseen : 0,
    }
    this.#last = { stat, atMs }
    if (stat.gap && stat.gap.flows > 0) this.#addGap(stat.gap.flows, stat.gap.fromMs, stat.gap.toMs)
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
  #addGap(flows: number, fromMs: number, toMs: number): void {
    const last = this.entries.value.at(-1)
    if (last?.kind !== 'gap') {
      this.#add([{ kind: 'gap', id: this.#nextId++, flows, fromMs, toMs, state: 'idle' }])
      return
    }
    const one: GapEntry = {
      ...last,
      flows: last.flows + flows,
      fromMs: Math.min(last.fromMs, fromMs),
      toMs: Math.max(last.toMs, toMs),
    }
    this.#change(last.id, [one])
  }

  #change(id: number, by: readonly Entry[]): void {
    this.entries.value = this.entries.value.flatMap((entry) => (entry.id === id ? by : [entry]))
  }

  #newestMs(): number {
    const last = this.entries.value.findLast((entry) => entry.kind === 'flow')
    return last ? last.flow.lastMs : Date.now()
  }
}

/** Matches that were neither sent nor told as dropped. */
const unseen = (stat: Stat): number => stat.matched - stat.sent - stat.dropped
