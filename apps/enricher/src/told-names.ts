// What clients were told of one address: names with the times from which they held. In: runs (libs/schema, requests/dns.ts) in any order.
import type { DnsSource } from '@netbehave/schema'
import type { AddressKey } from './address-key.ts'
import { NO_LABEL } from './label.ts'

/** Values of the columns `srcNameHow` and `dstNameHow`. */
export const NAME_HOW = { none: 0, client: 1, other: 2, local: 3 } as const

/** One name (its number in the table of names), from `firstMs` (epoch ms) on. */
interface Run {
  label: number
  readonly firstMs: number
}

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

export class ToldNames {
  /** Of anybody, newest first. */
  readonly #anybodys: Run[] = []
  #byClient: Map<AddressKey, Run[]> | undefined
  /** From the hosts file or DHCP, newest first. */
  readonly #local: Run[] = []
  /** Bit n: there may be a client whose key ends in n. */
  clientBits = 0
  /** Runs of clients and of the hosts file. */
  runs = 0

  add(client: AddressKey | undefined, source: DnsSource, label: number, firstMs: number): void {
    const run: Run = { label, firstMs }
    if (source !== 'dns') {
      this.runs += insert(this.#local, run, RUNS_OF_CLIENT)
      return
    }
    const added = insert(this.#anybodys, run, RUNS_OF_ANYBODY)
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
    return this.#anybodys[0]?.label ?? NO_LABEL
  }

  get newestMs(): number {
    return this.#anybodys[0]?.firstMs ?? 0
  }

  get hasLocal(): boolean {
    return this.#local.length > 0
  }

  /** Puts the numbers of another table in place of those that its names have. */
  renumber(move: (label: number) => number): void {
    // Lists share runs.
    const runs = new Set<Run>([...this.#anybodys, ...this.#local])
    for (const some of this.#byClient?.values() ?? []) for (const run of some) runs.add(run)
    for (const run of runs) run.label = move(run.label)
  }

  #ownAt(client: AddressKey | undefined, atMs: number, skewMs: number): number {
    if (client === undefined || (this.clientBits & clientBit(client)) === 0) return NO_LABEL
    return labelAt(this.#byClient?.get(client), atMs, skewMs)
  }

  #runsOf(client: AddressKey): Run[] {
    this.#byClient ??= new Map()
    let runs = this.#byClient.get(client)
    if (runs === undefined) {
      if (this.#byClient.size >= CLIENTS) this.#forgetOldestClient(this.#byClient)
      runs = []
      this.#byClient.set(client, runs)
      this.clientBits |= clientBit(client)
    }
    return runs
  }

  #forgetOldestClient(byClient: Map<AddressKey, Run[]>): void {
    const [client, runs] = byClient.entries().next().value!
    byClient.delete(client)
    this.runs -= runs.length
  }
}

/** The bit of a client in `clientBits`. */
export const clientBit = (client: AddressKey): number =>
  1 << (typeof client === 'number' ? client & 31 : client.charCodeAt(client.length - 1) & 31)

/** The newest that began before; else the oldest, when it began within what clocks may differ. */
function labelAt(runs: readonly Run[] | undefined, atMs: number, skewMs: number): number {
  if (runs === undefined) return NO_LABEL
  for (const run of runs) if (run.firstMs <= atMs) return run.label
  const oldest = runs.at(-1)
  return oldest !== undefined && oldest.firstMs <= atMs + skewMs ? oldest.label : NO_LABEL
}

/** Puts a run where its time belongs. Returns by how many the list grew. */
function insert(runs: Run[], run: Run, limit: number): number {
  let at = 0
  while (at < runs.length && runs[at]!.firstMs > run.firstMs) at++
  const { label } = run
  // The same name again is the same run.
  if (runs[at]?.label === label) return 0
  // The run after began earlier than was known.
  if (runs[at - 1]?.label === label) {
    runs[at - 1] = run
    return 0
  }
  runs.splice(at, 0, run)
  if (runs.length <= limit) return 1
  runs.pop()
  return 0
}
