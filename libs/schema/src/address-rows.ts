// An address column while it is being filled. In: integers and 16-byte values by row. Fails: never.
import { IPV6_BYTES, isMappedIpv4, mappedIpv4 } from './address.ts'

/** An address column while it is being filled: IPv4 integers, and 16-byte values only once one turned up. */
export class AddressRows {
  /** IPv4 integer of each row; meaningless where `is6` is 1. */
  readonly v4: Uint32Array
  /** 1 where the row holds 16 bytes in `v6`. */
  readonly is6: Uint8Array
  #v6: Uint8Array | undefined
  /** Is there any row of 16 bytes? Set by whoever sets `is6`. */
  any6 = false
  readonly #capacity: number

  constructor(capacity: number) {
    this.v4 = new Uint32Array(capacity)
    this.is6 = new Uint8Array(capacity)
    this.#capacity = capacity
  }

  /** 16 bytes a row; made when first asked for, kept after. */
  get v6(): Uint8Array {
    this.#v6 ??= new Uint8Array(this.#capacity * IPV6_BYTES)
    return this.#v6
  }

  /** Copies 16 bytes into a row; a mapped IPv4 address is stored as its integer. */
  set6(row: number, bytes: Uint8Array, offset: number): void {
    if (isMappedIpv4(bytes, offset)) {
      this.v4[row] = mappedIpv4(bytes, offset)
      this.is6[row] = 0
      return
    }
    const v6 = this.v6
    const at = row * IPV6_BYTES
    for (let i = 0; i < IPV6_BYTES; i++) v6[at + i] = bytes[offset + i]!
    this.is6[row] = 1
    this.any6 = true
  }

  /** Takes over a row of another column (or of this one). */
  copyRow(row: number, from: AddressRows, fromRow: number): void {
    if (from.is6[fromRow]) this.set6(row, from.v6, fromRow * IPV6_BYTES)
    else {
      this.v4[row] = from.v4[fromRow]!
      this.is6[row] = 0
    }
  }

  /** Is the row 0.0.0.0 or unset? (`::` is a value of 16 zero bytes.) */
  isEmpty(row: number): boolean {
    return this.is6[row] === 0 && this.v4[row] === 0
  }
}
