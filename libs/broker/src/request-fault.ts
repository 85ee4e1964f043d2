/**
 * Why a request has no answer; `message` is a sentence for whoever asked. Codes as in HTTP: 400 the request does not fit its
 * contract, 404 there is no such thing, 409 it is otherwise by now, 500 the service failed (its log has the id), 502 the reply does
 * not fit, 503 nobody serves, or too much is asked at once, 504 no answer in time.
 */
export class RequestFault extends Error {
  override readonly name = 'RequestFault'
  readonly code: number

  constructor(code: number, sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.code = code
  }
}

/** Headers of a reply that says what is wrong (NATS ADR-32). */
export const FAULT_HEADERS = { code: 'Nats-Service-Error-Code', sentence: 'Nats-Service-Error' } as const
