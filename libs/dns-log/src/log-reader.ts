// Lines of one log → entries for the store: stamp ▸ parse ▸ join. In: lines in their order. Out: what `take` gives. Fails: never; what a
// line has that cannot be kept is counted by reason.
import { createDnsmasqParser } from './dnsmasq.ts'
import { type Entries, Join, type JoinLimits } from './join.ts'
import type { DnsLine, LineParser, LineProblem } from './line.ts'
import { LineClock } from './line-clock.ts'
import { createPiholeParser } from './pihole.ts'
import { StampReader } from './stamp.ts'
import { createUnboundParser } from './unbound.ts'

/** Kinds of logs; `auto` looks at each line until one fits a kind. */
export const LOG_SOURCES = ['auto', 'dnsmasq', 'pihole', 'unbound'] as const
export type LogSource = (typeof LOG_SOURCES)[number]

const PARSERS: Readonly<Record<Exclude<LogSource, 'auto'>, () => LineParser>> = {
  dnsmasq: createDnsmasqParser,
  pihole: createPiholeParser,
  unbound: createUnboundParser,
}

export interface LogReaderOptions {
  readonly source: LogSource
  /** Epoch ms that no line is later than: now, or when an old log was last written. */
  readonly latestMs: () => number
  /** Year of lines that tell none; absent: the newest that is not in the future. */
  readonly year?: number | undefined
  /** Lines without a time are of the moment in which they are read. */
  readonly withoutTime?: 'now' | 'drop'
  readonly limits?: Partial<JoinLimits>
}

export class LogReader {
  readonly problems = new Map<LineProblem, number>()
  readonly join: Join
  lines = 0
  /** Lines that say nothing of names. */
  skipped = 0
  readonly #stamp: StampReader
  readonly #clock = new LineClock()
  readonly #options: LogReaderOptions
  readonly #candidates: readonly LineParser[]
  #parser: LineParser | undefined

  constructor(options: LogReaderOptions) {
    this.#options = options
    this.#stamp = new StampReader(options)
    this.join = new Join(options.limits)
    const { source } = options
    if (source !== 'auto') this.#parser = PARSERS[source]()
    // Pi-hole's is dnsmasq's and more.
    this.#candidates = [createPiholeParser(), createUnboundParser()]
  }

  /** `readMs`: see LineClock. */
  read(line: string, position: number, readMs: number): void {
    this.lines++
    this.#stamp.read(line)
    const said = this.#parse(line, this.#stamp.end)
    if (said === undefined) {
      this.skipped++
      return
    }
    if (typeof said === 'string') {
      this.countProblem(said)
      return
    }
    let { timeMs } = this.#stamp
    if (Number.isNaN(timeMs)) {
      if (this.#options.withoutTime !== 'now') {
        this.countProblem('no-time')
        return
      }
      timeMs = readMs || this.#options.latestMs()
    } else timeMs = this.#clock.timeOf(timeMs, this.#stamp.isWholeSecond, readMs)
    this.join.add(said, timeMs, position)
  }

  take(): Entries {
    return this.join.take()
  }

  countProblem(problem: LineProblem, count = 1): void {
    if (count > 0) this.problems.set(problem, (this.problems.get(problem) ?? 0) + count)
  }

  #parse(line: string, at: number): DnsLine | LineProblem | undefined {
    if (this.#parser) return this.#parser.parse(line, at)
    for (const candidate of this.#candidates) {
      const said = candidate.parse(line, at)
      if (said === undefined) continue
      if (typeof said === 'object') this.#parser = candidate
      return said
    }
    return undefined
  }
}
