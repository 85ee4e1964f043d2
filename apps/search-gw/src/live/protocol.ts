// The live protocol as libs/schema/src/api/live.ts has it: sub, pause, resume, unsub; ok, err, flows, stat.
import { compile, FilterError, parse, print } from '@netbehave/filter'
import { LIVE_LIMITS, type LiveMessage, LiveRequest } from '@netbehave/schema/api'
import type { Line, Speaker } from './socket.ts'
import { Subscription } from './subscription.ts'

export function speakLive(line: Line): Speaker {
  const subscriptions = new Map<string, Subscription>()

  const say = (message: LiveMessage): void => line.send(JSON.stringify(message))
  const refuse = (id: string | null, message: string, more: Partial<Extract<LiveMessage, { t: 'err' }>> = {}): void =>
    say({ t: 'err', id, from: 0, to: 0, message, expected: [], ...more })

  function subscribe({ id, q, max = LIVE_LIMITS.defaultRowsPerSecond }: Extract<LiveRequest, { t: 'sub' }>): void {
    if (!subscriptions.has(id) && subscriptions.size >= LIVE_LIMITS.subscriptionsPerSocket) {
      refuse(id, `a socket has at most ${LIVE_LIMITS.subscriptionsPerSocket} subscriptions; end one first`)
      return
    }
    try {
      const filter = parse(q)
      subscriptions.set(id, new Subscription(compile(filter), max, line.now()))
      say({ t: 'ok', id, q: print(filter) })
    } catch (error) {
      if (!(error instanceof FilterError)) throw error
      const { from, to, message, expected } = error
      refuse(id, message, { from, to, expected: [...expected] })
    }
  }

  return {
    subscriptions,
    onMessage(text) {
      const request = LiveRequest.safeParse(readJson(text)).data
      if (!request) {
        refuse(null, 'this is no message of the live protocol: docs/api.md lists them')
        line.refuse()
        return
      }
      if (request.t === 'sub') return subscribe(request)
      const subscription = subscriptions.get(request.id)
      if (!subscription) return refuse(request.id, 'there is no such subscription')
      if (request.t === 'unsub') subscriptions.delete(request.id)
      else subscription.paused = request.t === 'pause'
    },
    rows: (id, texts) => [`{"t":"flows","id":${JSON.stringify(id)},"rows":[${texts.join(',')}]}`],
    stat(id, subscription, { gap, lagMs }) {
      const { matched, sent, dropped, skipped, paused } = subscription
      return JSON.stringify({
        t: 'stat',
        id,
        matched,
        sent,
        dropped,
        skipped,
        lagMs,
        paused,
        gap,
      } satisfies LiveMessage)
    },
  }
}

export function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // fits no contract, and is told so
  }
}
