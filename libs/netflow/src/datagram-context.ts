// The datagram at hand: whose it is, its clock, what it may still cause, where its rows go. One object, reused.
import type { FlowBatchBuilder } from '@netbehave/schema'
import type { Domain } from './exporter-state.ts'
import type { DecoderLimits } from './limits.ts'
import type { RunContext } from './operation.ts'
import { PROBLEMS, type Problem, type ProblemCounts, zeroProblems } from './problems.ts'

/**
 * What became of one datagram; reused by the next `decode`. Every byte is in one of the four byte counts: their sum is the
 * datagram's length, and `skippedBytes` is above 0 only with a problem.
 */
export interface DecodeResult {
  /** Rows appended to the builder, those of sets that had waited included. */
  appended: number
  /** Options records read; they never become rows. */
  optionsRecords: number
  /** How many problems of each kind; look only when `problemCount` is above 0. */
  problems: ProblemCounts
  problemCount: number
  /** Headers, definitions and records. */
  decodedBytes: number
  /** Up to 3 bytes after a set's records, or zeros. */
  paddingBytes: number
  /** Sets that wait for their template, headers included. */
  heldBytes: number
  /** What a problem kept from being decoded. */
  skippedBytes: number
}

/** The longest UDP payload fits. */
const USUAL_BYTES = 65_536

export class DatagramContext {
  readonly limits: DecoderLimits
  readonly result: DecodeResult = {
    appended: 0,
    optionsRecords: 0,
    problems: zeroProblems(),
    problemCount: 0,
    decodedBytes: 0,
    paddingBytes: 0,
    heldBytes: 0,
    skippedBytes: 0,
  }
  builder!: FlowBatchBuilder
  onFull!: () => void
  domain!: Domain
  /** Has the datagram been read as far as its domain? */
  known = false
  port = 0
  receivedMs = 0
  /** The datagram, copied to where every datagram is: reads through one view of one buffer are the fastest there are. */
  bytes: Uint8Array = new Uint8Array(USUAL_BYTES)
  length = 0
  readonly run: RunContext = {
    view: new DataView(this.bytes.buffer),
    exportMs: 0,
    headerMs: 0,
    uptimeMs: -1,
    samplers: undefined,
    saturated: 0,
  }
  defaultRate = 1
  recordsLeft = 0
  optionsLeft = 0
  setsLeft = 0
  heldSetsLeft = 0
  /** Data and options records in the current message; meaningless when `recordsKnown` is false. */
  records = 0
  recordsKnown = true
  /** Definitions in the current message. */
  definitions = 0
  /** Where the fields of the record being walked start. */
  readonly fieldStarts: Int32Array
  #exporterIndex = 0
  #exporterDomain: Domain | undefined = undefined
  #exporterBuilder: FlowBatchBuilder | undefined = undefined
  #exporterGeneration = -1

  constructor(limits: DecoderLimits) {
    this.limits = limits
    this.fieldStarts = new Int32Array(limits.maxFieldsPerTemplate)
  }

  begin(datagram: Uint8Array, builder: FlowBatchBuilder, onFull: () => void, port: number, receivedMs: number): void {
    if (datagram.length > this.bytes.length) this.bytes = new Uint8Array(datagram.length)
    if (this.run.view.buffer !== this.bytes.buffer) this.run.view = new DataView(this.bytes.buffer)
    this.bytes.set(datagram)
    this.length = datagram.length
    this.builder = builder
    this.onFull = onFull
    this.port = port
    this.receivedMs = receivedMs
    this.known = false
    this.recordsLeft = this.limits.maxRecordsPerDatagram
    this.optionsLeft = this.limits.maxOptionsPerDatagram
    this.setsLeft = this.limits.maxSetsPerDatagram
    this.heldSetsLeft = this.limits.maxHeldSetsPerDatagram
    const result = this.result
    result.appended = result.optionsRecords = 0
    result.decodedBytes = result.paddingBytes = result.heldBytes = result.skippedBytes = 0
    if (result.problemCount > 0) {
      for (const problem of PROBLEMS) result.problems[problem] = 0
      result.problemCount = 0
    }
  }

  /** The datagram, or the message in it, is this domain's. */
  enter(domain: Domain): void {
    this.domain = domain
    this.known = true
    domain.lastSeenMs = this.receivedMs
    if (domain.newestPort === this.port) domain.newestPortMs = this.receivedMs
    else domain.hear(this.port, this.receivedMs, this.limits.maxPortsPerDomain)
  }

  /** Counts a problem of this datagram. */
  count(problem: Problem, n = 1): void {
    this.result.problems[problem] += n
    this.result.problemCount += n
  }

  /**
   * A message begins: sets its clock; it was exported `lateMs` later than its header says. Where the header's time is more than a day off
   * the receive time is used instead.
   */
  setClock(headerMs: number, uptimeMs: number, lateMs = 0): void {
    const run = this.run
    run.headerMs = headerMs
    const skew = this.receivedMs - headerMs
    if (skew > this.limits.plausibleMs || -skew > this.limits.plausibleMs) {
      run.exportMs = this.receivedMs
      this.count('time-skew')
    } else run.exportMs = headerMs + lateMs
    run.uptimeMs = uptimeMs
    this.records = 0
    this.recordsKnown = true
    this.definitions = 0
  }

  /** The index of the domain's entry in the builder's dictionary. */
  exporterIndex(): number {
    const { builder, domain } = this
    if (
      this.#exporterDomain !== domain ||
      this.#exporterBuilder !== builder ||
      this.#exporterGeneration !== builder.generation
    ) {
      this.#exporterIndex = builder.exporters.add(domain.entry)
      this.#exporterDomain = domain
      this.#exporterBuilder = builder
      this.#exporterGeneration = builder.generation
    }
    return this.#exporterIndex
  }
}
