/** Something that cannot be done with users or tokens; the message is a sentence for whoever asked. */
export class AccessError extends Error {
  override readonly name = 'AccessError'
  /** `missing`: there is no such user or token; `taken`: there is one already; `last-admin`: nobody could manage users. */
  readonly kind: 'missing' | 'taken' | 'last-admin' | 'full' | 'name'

  constructor(kind: AccessError['kind'], sentence: string) {
    super(sentence)
    this.kind = kind
  }
}
