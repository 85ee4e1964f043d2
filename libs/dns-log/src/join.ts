// Ties answers to the questions that they answer, over lines. In: what lines say, with their time and position. Out: entries as the store
// takes them, in `asked`, `told` and `leased`, until `take` empties them. Where lines are numbered (log-queries=extra) the number tells
// whose answer it is; else the clients that wait for the name and type, all of them. What waits can be saved and put back, so that a
// restart between question and answer loses nothing.
import type { DnsAsked, DnsLeased, DnsTold } from '@netbehave/schema'
import { z } from 'zod'
import type { AnswerLine, DnsLine, QueryLine } from './line.ts'

export interface JoinLimits {
  /** Questions that may wait for their answer; the oldest go. */
  readonly pending: number
  /** A question waits so long, in the log's own time. */
  readonly pendingMs: number
  /** CNAMEs that are kept of one answer. */
  readonly chain: number
  /** Clients that one answer is given to. */
  readonly waiters: number
}

export const JOIN_LIMITS: JoinLimits = { pending: 4096, pendingMs: 20_000, chain: 16, waiters: 256 }

export interface JoinCounters {
  /** Questions that were given up because too many waited. */
  evicted: number
  /** Questions that nothing answered in time. */
  expired: number
  /** Answers that do not fit the type of their question, as a TXT record that reads like an address. */
  otherType: number
  /** Answers of which nobody is known to have asked. */
  unasked: number
}

export interface Entries {
  asked: DnsAsked[]
  told: (DnsTold & { isReply: boolean })[]
  leased: DnsLeased[]
}

interface Waiting {
  key: string
  client: string
  name: string
  type: string
  atMs: number
}

/** The answer that is being read, a line at a time. */
interface Current {
  key: string
  /** Of the line, where it is numbered. */
  client: string
  asked: string
  /** Of the question; empty: not known. */
  type: string
  chain: string[]
  /** Name of the newest line, which further addresses repeat; empty after a CNAME. */
  end: string
  afterCname: boolean
  waiters: Waiting[]
  /** Type for which `waiters` were looked up. */
  waitersType: string
}

const SavedWaiting = z.object({
  key: z.string(),
  client: z.string(),
  name: z.string(),
  type: z.string(),
  atMs: z.number(),
})
const Saved = z.object({
  pending: z.array(SavedWaiting),
  current: z
    .object({
      ...{ key: z.string(), client: z.string(), asked: z.string(), type: z.string(), chain: z.array(z.string()) },
      ...{ end: z.string(), afterCname: z.boolean(), waiters: z.array(SavedWaiting), waitersType: z.string() },
    })
    .nullable(),
})

export class Join {
  readonly counters: JoinCounters = { evicted: 0, expired: 0, otherType: 0, unasked: 0 }
  readonly #limits: JoinLimits
  /** The oldest first. */
  readonly #pending = new Set<Waiting>()
  readonly #byName = new Map<string, Waiting[]>()
  readonly #byKey = new Map<string, Waiting>()
  #current: Current | undefined
  #entries: Entries = { asked: [], told: [], leased: [] }
  #changed = false

  constructor(limits: Partial<JoinLimits> = {}) {
    this.#limits = { ...JOIN_LIMITS, ...limits }
  }

  get pending(): number {
    return this.#pending.size
  }

  /** Entries that wait to be taken. */
  get size(): number {
    return this.#entries.asked.length + this.#entries.told.length + this.#entries.leased.length
  }

  add(line: DnsLine, atMs: number, position: number): void {
    if (line.kind === 'query') this.#ask(line, atMs, position)
    else if (line.kind === 'answer') this.#answer(line, atMs, position)
    else {
      const { address, mac, hostname } = line
      this.#entries.leased.push({ position, atMs, address, mac, hostname })
      if (hostname !== '') this.#tell(position, atMs, null, hostname, '', 'dhcp', 'address', address, [], false)
    }
  }

  /** What was joined since the last time. */
  take(): Entries {
    const entries = this.#entries
    this.#entries = { asked: [], told: [], leased: [] }
    return entries
  }

  /** What waits, as text, when it is not what `save` or `restore` saw before; undefined: it is. */
  save(): string | undefined {
    if (!this.#changed) return undefined
    this.#changed = false
    return JSON.stringify({ pending: [...this.#pending], current: this.#current ?? null })
  }

  /** Puts back what `save` gave; text that is no such thing is the same as nothing. */
  restore(text: string): void {
    let saved: z.infer<typeof Saved>
    try {
      saved = Saved.parse(JSON.parse(text))
    } catch {
      return // of another version: what waited then is not answered any more
    }
    for (const waiting of saved.pending.slice(-this.#limits.pending)) this.#wait(waiting)
    this.#current = saved.current ?? undefined
    this.#changed = false
  }

  #ask({ key, client, name, type }: QueryLine, atMs: number, position: number): void {
    this.#current = undefined
    this.#changed = true
    this.#entries.asked.push({ position, atMs, client, name, type })
    for (const oldest of this.#pending) {
      const isFull = this.#pending.size >= this.#limits.pending
      if (!isFull && atMs - oldest.atMs <= this.#limits.pendingMs) break
      if (isFull) this.counters.evicted++
      else this.counters.expired++
      this.#forget(oldest)
    }
    this.#wait({ key, client, name, type, atMs })
  }

  #wait(waiting: Waiting): void {
    this.#pending.add(waiting)
    if (waiting.key !== '') this.#byKey.set(waiting.key, waiting)
    const same = this.#byName.get(waiting.name)
    if (same) same.push(waiting)
    else this.#byName.set(waiting.name, [waiting])
  }

  #forget(waiting: Waiting): void {
    this.#pending.delete(waiting)
    if (this.#byKey.get(waiting.key) === waiting) this.#byKey.delete(waiting.key)
    const same = this.#byName.get(waiting.name)
    if (!same) return
    const others = same.filter((other) => other !== waiting)
    if (others.length > 0) this.#byName.set(waiting.name, others)
    else this.#byName.delete(waiting.name)
  }

  #answer(line: AnswerLine, atMs: number, position: number): void {
    if (line.isWhole) {
      this.#answerWhole(line, atMs, position)
      return
    }
    this.#changed = true
    const current = this.#continue(line) ?? this.#begin(line)
    this.#current = current
    if (line.name !== current.asked && current.chain.at(-1) !== line.name && current.chain.length < this.#limits.chain)
      current.chain.push(line.name)
    current.afterCname = line.value === 'cname'
    current.end = current.afterCname ? '' : line.name
    if (line.value === 'cname') return
    const asked = current.type || this.#oldestType(current.asked)
    const type = line.type || asked
    if (line.address !== '' && asked !== '' && !this.#isAskedFor(current, type)) {
      // Text that reads like an address, say of a TXT record: an answer, but no address.
      this.counters.otherType++
      this.#findWaiters(current, asked)
      this.#give({ ...line, value: 'answered', address: '' }, current, asked, atMs, position)
      return
    }
    this.#findWaiters(current, type)
    this.#give(line, current, type, atMs, position)
  }

  /** May the answer be of this type? Where nobody is known to have asked it may. */
  #isAskedFor(current: Current, type: string): boolean {
    const fits = (asked: string) => asked === type || asked === 'ANY'
    if (current.type !== '') return fits(current.type)
    if (current.waitersType === type) return true
    const same = this.#byName.get(current.asked) ?? []
    return same.length === 0 || same.some((waiting) => fits(waiting.type))
  }

  /** Is the line a further one of the answer that is being read? */
  #continue(line: AnswerLine): Current | undefined {
    const current = this.#current
    if (current === undefined || current.key !== line.key) return undefined
    if (line.key !== '' || current.afterCname || current.end === line.name) return current
    return undefined
  }

  #begin(line: AnswerLine): Current {
    const waiting = line.key === '' ? undefined : this.#byKey.get(line.key)
    const { key, client } = line
    const begun = { key, client, chain: [], end: '', afterCname: false, waitersType: '' }
    if (!waiting) return { ...begun, asked: line.name, type: '', waiters: [] }
    this.#forget(waiting)
    return { ...begun, asked: waiting.name, type: waiting.type, waiters: [waiting] }
  }

  /** Of the question for this name that waits longest; empty: none does. */
  #oldestType(name: string): string {
    return this.#byName.get(name)?.[0]?.type ?? ''
  }

  /** Takes those who wait for name and type off the table. */
  #findWaiters(current: Current, type: string): void {
    if (current.waitersType === type && type !== '') return
    const same = this.#byName.get(current.asked) ?? []
    const fitting = same.filter((waiting) => waiting.type === type || waiting.type === 'ANY')
    const own = current.key === '' ? [] : current.waiters.filter((waiting) => waiting.key === current.key)
    for (const waiting of fitting) this.#forget(waiting)
    current.waiters = [...own, ...fitting].slice(0, this.#limits.waiters)
    current.waitersType = type
  }

  #give(line: AnswerLine, current: Current, type: string, atMs: number, position: number): void {
    const { address, by, value } = line
    if (value === 'cname') return
    const source = by === 'hosts' || by === 'dhcp' ? by : 'dns'
    const { asked, chain } = current
    const clients = new Set(current.waiters.map(({ client }) => client))
    if (current.client !== '') clients.add(current.client)
    const isReply = by === 'reply'
    // A hosts file and DHCP tell everybody the same.
    const isForAll = source !== 'dns' && address !== ''
    if (isForAll) this.#tell(position, atMs, null, asked, type, source, 'address', address, chain, isReply)
    if (clients.size === 0 && !isForAll) {
      this.counters.unasked++
      if (address !== '') this.#tell(position, atMs, null, asked, type, source, value, address, chain, isReply)
    }
    const told = isForAll ? null : address || null
    for (const client of clients) this.#tell(position, atMs, client, asked, type, source, value, told, chain, isReply)
    // Without numbers, further lines of this name may as well answer those who asked for it directly.
    if (current.key !== '' || line.name === asked || told === null) return
    for (const direct of this.#byName.get(line.name) ?? []) {
      if (direct.type === type)
        this.#tell(position, atMs, direct.client, line.name, type, source, value, told, [], isReply)
    }
  }

  /** A line that tells everything: of unbound. Where only replies are logged it is the question, too. */
  #answerWhole({ client, name, type, value }: AnswerLine, atMs: number, position: number): void {
    if (value === 'cname') return
    this.#changed = true
    const waiting = this.#byName.get(name)?.find((other) => other.client === client && other.type === type)
    if (waiting) this.#forget(waiting)
    else this.#entries.asked.push({ position, atMs, client, name, type })
    this.#tell(position, atMs, client, name, type, 'dns', value, null, [], true)
  }

  #tell(
    position: number,
    atMs: number,
    client: string | null,
    name: string,
    type: string,
    source: DnsTold['source'],
    result: DnsTold['result'],
    address: string | null,
    chain: readonly string[],
    isReply: boolean,
  ): void {
    const entry = { position, atMs, client, name, type, source, result, address, ttlS: null }
    this.#entries.told.push({ ...entry, chain: [...chain], isReply })
  }
}
