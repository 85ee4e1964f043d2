// What the HTTP side counts.

const REFUSALS: Readonly<Record<number, string>> = {
  400: 'malformed',
  401: 'login',
  403: 'denied',
  413: 'too-large',
  415: 'form',
  429: 'passwords',
  503: 'busy',
  504: 'time',
}

export class HttpCounters {
  readonly answers = new Map<string, number>(['1xx', '2xx', '3xx', '4xx', '5xx'].map((name) => [name, 0]))
  readonly refusals = new Map<string, number>(Object.values(REFUSALS).map((name) => [name, 0]))
  /** Askers who left before the answer. */
  left = 0
  /** Answers that ended in the middle. */
  brokenOff = 0
  /** Connections closed because there were too many. */
  connectionsDropped = 0
  /** Requests that were not well formed, or did not come in time. */
  badRequests = 0

  countAnswer(status: number): void {
    add(this.answers, `${Math.floor(status / 100)}xx`)
  }

  countRefusal(status: number): void {
    const name = REFUSALS[status]
    if (name !== undefined) add(this.refusals, name)
  }
}

const add = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}
