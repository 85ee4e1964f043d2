// Does the number of an IPFIX datagram count the datagram's own records? RFC 7011 §3.1 counts those before it; softflowd 1.0 adds its own
// first. Both agree while all datagrams hold equally many records, so a run of those that only the other reading explains decides.

/** Datagrams in a row that fit only the other reading before it is believed. */
const RUN = 4

export class OwnCount {
  includesOwn = false
  #last = -1
  #lastRecords = -1
  #run = 0

  /** `doubt`: the first of a run that the other reading explains; `changed`: the run is long enough, `includesOwn` is the other now. */
  observe(sequence: number, records: number): 'same' | 'doubt' | 'changed' {
    const isKnown = this.#last >= 0 && this.#lastRecords >= 0 && records >= 0
    const step = (sequence - this.#last) >>> 0
    const fits = isKnown && step === (this.includesOwn ? records : this.#lastRecords)
    const fitsOther = isKnown && step === (this.includesOwn ? this.#lastRecords : records)
    this.#last = sequence
    this.#lastRecords = records
    if (!fitsOther) this.#run = 0
    if (!fitsOther || fits) return 'same'
    if (++this.#run < RUN) return this.#run === 1 ? 'doubt' : 'same'
    this.#run = 0
    this.includesOwn = !this.includesOwn
    return 'changed'
  }

  startAfresh(): void {
    this.#last = this.#lastRecords = -1
    this.#run = 0
  }
}
