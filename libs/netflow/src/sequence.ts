// Loss from sequence numbers. NetFlow 5 and 7 number flows, NetFlow 9 datagrams, IPFIX data records; some exporters number
// the other thing, which shows within a few datagrams and is then taken as it is. Numbers wrap at 2^32.
import { OwnCount } from './own-count.ts'

export type LossUnit = 'flows' | 'datagrams' | 'records' | 'none'

/** Gaps remembered so that late datagrams can fill them. */
const MAX_GAPS = 8
/** As far back, in datagrams of 32 units, a number is taken for a late datagram; further back the exporter began anew. */
const LATE_DATAGRAMS = 64
const UNITS_A_DATAGRAM = 32
/** Datagrams in a row that fit only the other unit before it is believed. */
const OTHER_UNIT_RUN = 4
/** Late or repeated datagrams in a row before they are taken for a restart. */
const LATE_RUN = 8

export class SequenceTracker {
  /** What is counted; changes when the exporter turns out to number the other thing. */
  unit: LossUnit
  lost = 0
  restarts = 0
  reordered = 0
  readonly maxGap: number
  readonly #late: number
  readonly #ordinary: LossUnit
  #usesOther = false
  /** The number that the next datagram should have; -1 when unknown. */
  #next = -1
  /** The same if the exporter numbers the other thing. */
  #nextOther = -1
  #gaps: { from: number; units: number }[] = []
  #otherRun = 0
  #otherRunLost = 0
  #otherRunReordered = 0
  #lateRun = 0
  readonly #ownCount = new OwnCount()
  /** What was counted before the first datagram that speaks for the other reading: all since is taken back when it is believed. */
  #beforeDoubt = { lost: 0, restarts: 0, reordered: 0 }

  /** `maxGap`: a bigger jump is a restart. */
  constructor(unit: LossUnit, maxGap: number) {
    this.unit = unit
    this.#ordinary = unit
    this.maxGap = maxGap
    this.#late = unit === 'datagrams' ? LATE_DATAGRAMS : LATE_DATAGRAMS * UNITS_A_DATAGRAM
  }

  /**
   * A datagram with the sequence number `sequence` arrived.
   * @param records flows or records in it; -1 when not known (template missing), then the next datagram starts afresh
   * @param restarted its uptime went back
   */
  observe(sequence: number, records: number, restarted: boolean): void {
    if (this.unit === 'none') return
    if (this.unit === 'records') {
      if (this.#takesOtherReading(sequence, records)) return
      if (this.#ownCount.includesOwn) {
        if (records < 0) {
          this.#continueAt(sequence, 0)
          return
        }
        sequence = (sequence - records) >>> 0
      }
    }
    const countsDatagrams = this.#ordinary === 'datagrams' ? !this.#usesOther : this.#usesOther
    const units = countsDatagrams ? 1 : records
    const otherUnits = countsDatagrams ? records : 1
    const expected = this.#next
    const other = this.#nextOther
    this.#nextOther = otherUnits < 0 ? -1 : (sequence + otherUnits) >>> 0
    if (expected < 0) this.#continueAt(sequence, units)
    else this.#judge(sequence, expected, other, units, otherUnits, restarted)
  }

  /** What comes next is compared with nothing: what passed meanwhile went elsewhere. */
  startAfresh(): void {
    this.#next = this.#nextOther = -1
    this.#gaps = []
    this.#otherRun = this.#otherRunLost = this.#otherRunReordered = this.#lateRun = 0
    this.#ownCount.startAfresh()
  }

  /** A run of numbers that count their datagram's own records, or no longer do: nothing was lost in it. */
  #takesOtherReading(sequence: number, records: number): boolean {
    const { lost, restarts, reordered } = this
    const seen = this.#ownCount.observe(sequence, records)
    if (seen === 'doubt') this.#beforeDoubt = { lost, restarts, reordered }
    if (seen !== 'changed') return false
    Object.assign(this, this.#beforeDoubt)
    this.#gaps = []
    this.#otherRun = this.#otherRunLost = this.#otherRunReordered = this.#lateRun = 0
    this.#nextOther = -1
    this.#continueAt(sequence, this.#ownCount.includesOwn ? 0 : records)
    return true
  }

  #judge(
    sequence: number,
    expected: number,
    other: number,
    units: number,
    otherUnits: number,
    restarted: boolean,
  ): void {
    const delta = (sequence - expected) | 0
    if (sequence !== other) this.#otherRun = this.#otherRunLost = this.#otherRunReordered = 0
    if (delta === 0) {
      this.#lateRun = 0
      this.#continueAt(sequence, units)
    } else if (restarted) this.#restart(sequence, units)
    else if (sequence === other && this.#switchesUnit(delta, sequence, otherUnits)) return
    else if (delta > 0) this.#jump(expected, delta, sequence, units)
    else this.#goBack(delta, sequence, units)
  }

  #continueAt(sequence: number, units: number): void {
    this.#next = units < 0 ? -1 : (sequence + units) >>> 0
  }

  #restart(sequence: number, units: number): void {
    this.restarts++
    this.#gaps = []
    this.#lateRun = 0
    this.#continueAt(sequence, units)
  }

  /** Only the other unit explains this number. After a run of such datagrams that unit is used and its false losses are taken back. */
  #switchesUnit(delta: number, sequence: number, otherUnits: number): boolean {
    this.#otherRun++
    if (delta > 0) this.#otherRunLost += delta
    else this.#otherRunReordered++
    if (this.#otherRun < OTHER_UNIT_RUN) return false
    if (delta > 0) this.#otherRunLost -= delta
    else this.#otherRunReordered--
    this.lost = Math.max(0, this.lost - this.#otherRunLost)
    this.reordered = Math.max(0, this.reordered - this.#otherRunReordered)
    this.#usesOther = !this.#usesOther
    this.unit = this.#usesOther ? otherUnit(this.#ordinary) : this.#ordinary
    this.#gaps = []
    this.#otherRun = this.#otherRunLost = this.#otherRunReordered = this.#lateRun = 0
    this.#nextOther = -1
    this.#continueAt(sequence, otherUnits)
    return true
  }

  #jump(expected: number, delta: number, sequence: number, units: number): void {
    if (delta > this.maxGap) {
      this.#restart(sequence, units)
      return
    }
    this.#lateRun = 0
    this.lost += delta
    if (this.#gaps.length >= MAX_GAPS) this.#gaps.shift()
    this.#gaps.push({ from: expected, units: delta })
    this.#continueAt(sequence, units)
  }

  #goBack(delta: number, sequence: number, units: number): void {
    if (-delta > this.#late || ++this.#lateRun >= LATE_RUN) {
      this.#restart(sequence, units)
      return
    }
    this.reordered++
    this.#fillGap(sequence, Math.max(units, 0))
  }

  /** A late datagram was counted as lost: take it back. A repeated one was not. */
  #fillGap(sequence: number, units: number): void {
    for (const [index, gap] of this.#gaps.entries()) {
      const into = (sequence - gap.from) >>> 0
      if (into >= gap.units) continue
      const found = Math.min(units, gap.units - into)
      const rest = { from: (sequence + found) >>> 0, units: gap.units - into - found }
      this.lost -= found
      gap.units = into
      if (gap.units === 0) this.#gaps.splice(index, 1)
      if (rest.units > 0 && this.#gaps.length < MAX_GAPS) this.#gaps.push(rest)
      return
    }
  }
}

const otherUnit = (unit: LossUnit): LossUnit => (unit === 'datagrams' ? 'flows' : 'datagrams')
