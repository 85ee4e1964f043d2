// Requests on `alerts.…`: what was told, mutes, tests, resends. In: the running alerter. Fails: RequestFault with a sentence.
import { randomBytes } from 'node:crypto'
import { type Broker, type BrokerLog, endpoint, RequestFault, type Service, serve } from '@netbehave/broker'
import {
  ALERTS_INFO,
  ALERTS_LEARNED,
  ALERTS_LIST,
  ALERTS_MUTE,
  ALERTS_RESEND,
  ALERTS_TEST,
  ALERTS_UNMUTE,
  type AlertChannel,
  type MuteTarget,
} from '@netbehave/schema'
import type { Alerter } from './alerter.ts'
import { DeliveryError, type Message } from './deliver/channel.ts'
import { TooManyMutes } from './store.ts'
import { canonicalAddress } from './text.ts'

export interface AlertsServiceOptions {
  readonly alerter: Alerter
  readonly site: string
  readonly version: string
  readonly now: () => number
}

const MUTES_SHOWN = 1000

export function serveAlerts(broker: Broker, log: BrokerLog, options: AlertsServiceOptions): Service {
  const { alerter, now, version } = options
  const { outbox, store, digests, deliverer } = alerter
  return serve(
    broker,
    log,
    [
      endpoint(ALERTS_LIST, ({ state, before, limit }) => {
        const deliveries = outbox.list(state, before, limit)
        return {
          deliveries,
          next: deliveries.length === limit ? deliveries.at(-1)!.id : null,
          waiting: outbox.count('waiting'),
          undelivered: outbox.count('undelivered'),
        }
      }),
      endpoint(ALERTS_INFO, () => {
        const mutes = store.mutes(MUTES_SHOWN)
        return {
          learningUntilMs: alerter.learningUntilMs(),
          channels: deliverer.states().map((state) => ({ ...state, waiting: outbox.countWaiting(state.channel) })),
          digests: digests.open().map(({ channel, reason, dueMs, total }) => ({ channel, reason, dueMs, total })),
          mutes,
          mutesLeftOut: store.countMutes() - mutes.length,
        }
      }),
      endpoint(ALERTS_MUTE, ({ target, value, untilMs }) => {
        const mute = { target, value: spell(target, value), untilMs, madeMs: now() }
        try {
          store.mute(mute)
        } catch (error) {
          throw error instanceof TooManyMutes ? new RequestFault(409, error.message, { cause: error }) : error
        }
        return mute
      }),
      endpoint(ALERTS_UNMUTE, ({ target, value }) => {
        if (store.unmute(target, spell(target, value))) return {}
        throw new RequestFault(404, `${target} ${value} is not muted`)
      }),
      endpoint(ALERTS_RESEND, ({ ids }) => {
        const resent = outbox.resend(ids, now())
        deliverer.wake()
        return { resent }
      }),
      endpoint(ALERTS_TEST, ({ channel }) => test(channel, options)),
      endpoint(ALERTS_LEARNED, () => {
        if (alerter.learningUntilMs() === null) throw new RequestFault(409, 'the learning window is over already')
        const learned = alerter.learned()
        deliverer.wake()
        return { learned }
      }),
    ],
    { version, description: 'what people are told, by which channel, and what is muted' },
  )
}

const spell = (target: MuteTarget, value: string): string => (target === 'rule' ? value : canonicalAddress(value))

async function test(channel: AlertChannel, options: AlertsServiceOptions): Promise<{ target: string }> {
  const { deliverer } = options.alerter
  const configured = deliverer.states().map((state) => state.channel)
  if (!configured.includes(channel)) {
    const others = configured.length > 0 ? `those that have one: ${configured.join(', ')}` : 'no channel has one'
    throw new RequestFault(404, `${channel} has no address in alerter.${channel} of netbehave.yaml; ${others}`)
  }
  try {
    return { target: await deliverer.test(channel, testMessage(options)) }
  } catch (error) {
    if (error instanceof DeliveryError) throw new RequestFault(502, error.message, { cause: error })
    throw error
  }
}

const testMessage = ({ site, now }: AlertsServiceOptions): Message => ({
  key: randomBytes(16).toString('hex'),
  kind: 'test',
  severity: 'info',
  ...{ site, atMs: now() },
  subject: 'Test of NetBehave',
  text: `This is a test that somebody asked for (netbehave alerts test). Alerts of site ${site} come this way.\n`,
  facts: {},
})
