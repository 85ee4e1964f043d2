// What clients were told of one address: names with the times from which they held. In: runs (libs/schema, requests/dns.ts) in any order.
// Laid out for the look-up of a flow, which costs what it reads from memory: the newest name of anybody is a field, its time is there in
// whole seconds too, which V8 keeps in the object where it keeps a double elsewhere. Most flows read nothing else.
import type { DnsSource } from '@netbehave/schema'
import type { AddressKey } from './address-key.ts'
import type { Label } from './label.ts'

/** Values of the columns `srcNameHow` and `dstNameHow`. */
export const NAME_HOW = { none: 0, client: 1, other: 2, local: 3 } as const

/** One name, from `firstMs` (epoch ms) on. */
interface Run {
  readonly label: Label
  readonly firstMs: number
}

/** What `find` found, until it is called again. */
export interface FoundName {
  label: Label | undefined
  how: number
}

const SECOND_MS = 1000
/** Runs that are kept of one client, and of anybody; the newest. */
const RUNS_OF_CLIENT = 32
const RUNS_OF_ANYBODY = 64
/** Clients of one address; beyond it the one that came first goes. */
const CLIENTS = 4096

export class ToldNames {
  /** The newest name of anybody, the second in which it begins, and all of its kind, newest first. */
  #newest: Label | undefined
  #newestS = 0
  #anybodys: Run[] | undefined
  #byClient: Map<AddressKey, Run[]> | undefined
  /** Bit n: there may be a client whose key ends in n. Most flows are of clients that never asked for the address. */
  #clientBits = 0
  /** From the hosts file or DHCP, newest first. */
  #local: Run[] | undefined
  /** Runs of clients and of the hosts file. */
  runs = 0

  add(client: AddressKey | undefined, source: DnsSource, label: Label, firstMs: number): void {
    const run: Run = { label, firstMs }
    if (source !== 'dns') {
      this.#local ??= []
      this.runs += insert(this.#local, run, RUNS_OF_CLIENT)
      return
    }
    this.#anybodys ??= []
    const added = insert(this.#anybodys, run, RUNS_OF_ANYBODY)
    const newest = this.#anybodys[0]!
    this.#newest = newest.label
    this.#newestS = Math.floor(newest.firstMs / SECOND_MS)
    const grown = client === undefined ? added : insert(this.#runsOf(client), run, RUNS_OF_CLIENT)
    this.runs += grown
  }

  /**
   * The name for a client at a time: what this client was told last before, else the local name, else what anybody was told last before.
   * Where there is none before, the first within `skewMs` after.
   */
  find(client: AddressKey | undefined, atMs: number, skewMs: number, found: FoundName): void {
    let how: number = NAME_HOW.client
    let label = this.#ownAt(client, atMs, skewMs)
    if (label === undefined) {
      how = NAME_HOW.local
      // A name from the hosts file holds for all time: when it was read says nothing about the flow.
      label = labelAt(this.#local, atMs, Number.POSITIVE_INFINITY)
    }
    if (label === undefined) {
      how = NAME_HOW.other
      label = this.#anybodysAt(atMs, skewMs)
    }
    found.label = label
    found.how = label === undefined ? NAME_HOW.none : how
  }

  #ownAt(client: AddressKey | undefined, atMs: number, skewMs: number): Label | undefined {
    if (client === undefined || (this.#clientBits & bitOf(client)) === 0) return undefined
    return labelAt(this.#byClient?.get(client), atMs, skewMs)
  }

  #anybodysAt(atMs: number, skewMs: number): Label | undefined {
    if (this.#newest === undefined || this.#newestS < Math.floor(atMs / SECOND_MS)) return this.#newest
    return labelAt(this.#anybodys, atMs, skewMs)
  }

  #runsOf(client: AddressKey): Run[] {
    this.#byClient ??= new Map()
    let runs = this.#byClient.get(client)
    if (runs === undefined) {
      if (this.#byClient.size >= CLIENTS) this.#forgetOldestClient(this.#byClient)
      runs = []
      this.#byClient.set(client, runs)
      this.#clientBits |= bitOf(client)
    }
    return runs
  }

  #forgetOldestClient(byClient: Map<AddressKey, Run[]>): void {
    const [client, runs] = byClient.entries().next().value!
    byClient.delete(client)
    this.runs -= runs.length
  }
}

const bitOf = (client: AddressKey): number =>
  1 << (typeof client === 'number' ? client & 31 : client.charCodeAt(client.length - 1) & 31)

/** The newest that began before; else the oldest, when it began within what clocks may differ. */
function labelAt(runs: readonly Run[] | undefined, atMs: number, skewMs: number): Label | undefined {
  if (runs === undefined) return undefined
  for (const run of runs) if (run.firstMs <= atMs) return run.label
  const oldest = runs.at(-1)
  return oldest !== undefined && oldest.firstMs <= atMs + skewMs ? oldest.label : undefined
}

/** Puts a run where its time belongs. Returns by how many the list grew. */
function insert(runs: Run[], run: Run, limit: number): number {
  let at = 0
  while (at < runs.length && runs[at]!.firstMs > run.firstMs) at++
  const { label } = run
  // The same name again is the same run.
  if (runs[at]?.label.text === label.text) return 0
  // The run after began earlier than was known.
  if (runs[at - 1]?.label.text === label.text) {
    runs[at - 1] = run
    return 0
  }
  runs.splice(at, 0, run)
  if (runs.length <= limit) return 1
  runs.pop()
  return 0
}
