// What clients were told of one address: names with the times from which they held. In: runs (libs/schema, requests/dns.ts) in any order.
// There is one of these for each of some hundred thousand addresses, so what it holds is numbers in as few objects as can be: whatever
// the garbage collector has to follow, it follows again and again.
import type { DnsSource } from '@netbehave/schema'
import type { AddressKey } from './address-key.ts'
import { NO_LABEL } from './label.ts'

/** Values of the columns `srcNameHow` and `dstNameHow`. */
export const NAME_HOW = { none: 0, client: 1, other: 2, local: 3 } as const

/** Names, newest first, each as two numbers: the name's in the table of names, and the epoch ms from which it holds. */
type Runs = number[]
const RUN = 2

/** What `find` found, until it is called again. */
export interface FoundName {
  /** NO_LABEL: none. */
  label: number
  how: number
}

/** Runs that are kept of one client, and of anybody; the newest. */
const RUNS_OF_CLIENT = 32
const RUNS_OF_ANYBODY = 64
/** Clients of one address; beyond it the one that came first goes. */
const CLIENTS = 4096
/** Clients in a plain list; more are in a Map, which takes more memory than all else here. */
const LISTED_CLIENTS = 4

export class ToldNames {
  #anybodys: Runs | undefined
  /** From the hosts file or DHCP. */
  #local: Runs | undefined
  /** Clients and their runs, in turn. */
  #listed: (AddressKey | Runs)[] | undefined
  #byClient: Map<AddressKey, Runs> | undefined
  /** Bit n: there may be a client whose key ends in n. */
  clientBits = 0
  /** Runs of clients and of the hosts file. */
  runs = 0

  add(client: AddressKey | undefined, source: DnsSource, label: number, firstMs: number): void {
    if (source !== 'dns') {
      const before = lengthOf(this.#local)
      this.#local = withRun(this.#local, label, firstMs, RUNS_OF_CLIENT)
      this.runs += this.#local.length / RUN - before
      return
    }
    const [ofAnybody, ofClient] = [lengthOf(this.#anybodys), lengthOf(this.#runsOf(client))]
    this.#anybodys = withRun(this.#anybodys, label, firstMs, RUNS_OF_ANYBODY)
    if (client === undefined) this.runs += this.#anybodys.length / RUN - ofAnybody
    else {
      const runs = withRun(this.#runsOf(client), label, firstMs, RUNS_OF_CLIENT)
      this.#put(client, runs)
      this.runs += runs.length / RUN - ofClient
    }
  }

  /**
   * The name for a client at a time: what this client was told last before, else the local name, else what anybody was told last before.
   * Where there is none before, the first within `skewMs` after.
   */
  find(client: AddressKey | undefined, atMs: number, skewMs: number, found: FoundName): void {
    let how: number = NAME_HOW.client
    let label = this.#ownAt(client, atMs, skewMs)
    if (label === NO_LABEL) {
      how = NAME_HOW.local
      // A name from the hosts file holds for all time: when it was read says nothing about the flow.
      label = labelAt(this.#local, atMs, Number.POSITIVE_INFINITY)
    }
    if (label === NO_LABEL) {
      how = NAME_HOW.other
      label = labelAt(this.#anybodys, atMs, skewMs)
    }
    found.label = label
    found.how = label === NO_LABEL ? NAME_HOW.none : how
  }

  /** The newest name of anybody, and the time from which it holds; NO_LABEL and 0: none. */
  get newest(): number {
    return this.#anybodys?.[0] ?? NO_LABEL
  }

  get newestMs(): number {
    return this.#anybodys?.[1] ?? 0
  }

  get hasLocal(): boolean {
    return this.#local !== undefined
  }

  /** Puts the numbers of another table in place of those that its names have. */
  renumber(move: (label: number) => number): void {
    const listed = (this.#listed ?? []).filter((member) => typeof member === 'object')
    for (const runs of [this.#anybodys, this.#local, ...listed, ...(this.#byClient?.values() ?? [])])
      for (let at = 0; runs !== undefined && at < runs.length; at += RUN) runs[at] = move(runs[at]!)
  }

  #ownAt(client: AddressKey | undefined, atMs: number, skewMs: number): number {
    if (client === undefined || (this.clientBits & clientBit(client)) === 0) return NO_LABEL
    return labelAt(this.#runsOf(client), atMs, skewMs)
  }

  #runsOf(client: AddressKey | undefined): Runs | undefined {
    if (client === undefined) return undefined
    if (this.#byClient !== undefined) return this.#byClient.get(client)
    const listed = this.#listed
    if (listed === undefined) return undefined
    for (let at = 0; at < listed.length; at += 2) if (listed[at] === client) return listed[at + 1] as Runs
    return undefined
  }

  #put(client: AddressKey, runs: Runs): void {
    this.clientBits |= clientBit(client)
    if (this.#byClient === undefined) {
      const listed = this.#listed ?? []
      const at = listed.indexOf(client)
      if (at >= 0) listed[at + 1] = runs
      else if (listed.length < 2 * LISTED_CLIENTS) this.#listed = [...listed, client, runs]
      else this.#byClient = this.#unlisted()
    }
    if (this.#byClient === undefined) return
    if (this.#byClient.size >= CLIENTS && !this.#byClient.has(client)) this.#forgetOldestClient(this.#byClient)
    this.#byClient.set(client, runs)
  }

  /** The listed clients as a Map. */
  #unlisted(): Map<AddressKey, Runs> {
    const byClient = new Map<AddressKey, Runs>()
    const listed = this.#listed ?? []
    for (let at = 0; at < listed.length; at += 2) byClient.set(listed[at] as AddressKey, listed[at + 1] as Runs)
    this.#listed = undefined
    return byClient
  }

  #forgetOldestClient(byClient: Map<AddressKey, Runs>): void {
    const [client, runs] = byClient.entries().next().value!
    byClient.delete(client)
    this.runs -= runs.length / RUN
  }
}

/** The bit of a client in `clientBits`. */
export const clientBit = (client: AddressKey): number =>
  1 << (typeof client === 'number' ? client & 31 : client.charCodeAt(client.length - 1) & 31)

/** The newest that began before; else the oldest, when it began within what clocks may differ. */
function labelAt(runs: Runs | undefined, atMs: number, skewMs: number): number {
  if (runs === undefined || runs.length === 0) return NO_LABEL
  for (let at = 0; at < runs.length; at += RUN) if (runs[at + 1]! <= atMs) return runs[at]!
  const oldest = runs.length - RUN
  return runs[oldest + 1]! <= atMs + skewMs ? runs[oldest]! : NO_LABEL
}

const lengthOf = (runs: Runs | undefined): number => (runs?.length ?? 0) / RUN

/** The runs with one more where its time belongs. A new list, since one that grows in place takes room for sixteen numbers more. */
function withRun(runs: Runs | undefined, label: number, firstMs: number, limit: number): Runs {
  if (runs === undefined) return [label, firstMs]
  let at = 0
  while (at < runs.length && runs[at + 1]! > firstMs) at += RUN
  // The same name again is the same run.
  if (runs[at] === label) return runs
  // The run after began earlier than was known.
  if (at > 0 && runs[at - RUN] === label) return runs.with(at - 1, firstMs)
  const more = runs.toSpliced(at, 0, label, firstMs)
  return more.length <= limit * RUN ? more : more.slice(0, limit * RUN)
}
