import type { ALERTS, ALERTS_ABOUT, ReplyOf } from '@netbehave/schema/api'
import { ask, get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { useChange } from '../api/use-change.ts'
import { usePages } from '../api/use-pages.ts'
import { countOf } from '../format/numbers.ts'
import { changeQuery, place } from '../router/place.ts'
import { RoleNote } from '../session/role-note.tsx'
import { may } from '../session/session.ts'
import { Badge, type Tone } from '../ui/badge.tsx'
import { MoreButton } from '../ui/more-button.tsx'
import { Page } from '../ui/page.tsx'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Empty, Failed, Fault, Waiting } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'
import { Channels } from './channels.tsx'
import { Mutes } from './mutes.tsx'

type Alerts = ReplyOf<typeof ALERTS>
type Delivery = Alerts['deliveries'][number]
export type AlertsInfo = ReplyOf<typeof ALERTS_ABOUT>

const STATES = [
  ['', 'All'],
  ['sent', 'Sent'],
  ['waiting', 'Waiting'],
  ['undelivered', 'Undelivered'],
] as const
const STATE_TONES: Readonly<Record<Delivery['state'], Tone>> = { sent: 'good', waiting: 'note', undelivered: 'bad' }
const SEVERITY_TONES: Readonly<Record<string, Tone>> = {
  critical: 'bad',
  high: 'bad',
  warning: 'warning',
  medium: 'warning',
  notice: 'note',
  info: 'plain',
  low: 'plain',
}
const REFRESH_MS = 15_000

export function AlertsPage() {
  const state = place.value.query.get('state') ?? ''
  const about = useAsk('alerts', (signal) => get<AlertsInfo>('alerts/info', {}, signal), { everyMs: REFRESH_MS })
  const list = usePages<Delivery, number>(state, async (before, signal) => {
    const { deliveries, next } = await get<Alerts>('alerts', { state, before, limit: 50 }, signal)
    return { items: deliveries, next }
  })
  const resend = useChange()
  const learned = useChange()
  const info = about.answer

  async function tryAgain(ids?: readonly number[]): Promise<void> {
    if (await resend.run(() => ask('POST', 'alerts/resend', { body: ids ? { ids } : {} }))) list.again()
  }
  async function endLearning(): Promise<void> {
    if (await learned.run(() => ask('POST', 'alerts/learned', { body: {} }))) about.again()
  }

  if (!info && about.problem) {
    return (
      <Page title="Alerts">
        <Failed
          problem={about.problem}
          again={about.again}
          away={
            <p>
              Alerts go out once a channel has an address: mail, webhook, ntfy or syslog in <code>netbehave.yaml</code>,
              section <code>alerter</code>. Then start NetBehave again.
            </p>
          }
        />
      </Page>
    )
  }
  return (
    <Page title="Alerts" about="What was told, to whom, and what could not be delivered.">
      {info?.learningUntilMs && (
        <p class="note">
          <span>
            Learning until <Time ms={info.learningUntilMs} />: what is new until then is told in one digest, not each by
            itself.{' '}
            {may('operator') && (
              <button
                type="button"
                class="btn btn-link btn-sm"
                disabled={learned.isRunning}
                onClick={() => void endLearning()}
              >
                End it now
              </button>
            )}
          </span>
        </p>
      )}
      {learned.problem && <Fault problem={learned.problem} />}
      <RoleNote needs="operator">To test a channel, to mute and to send again is for operators</RoleNote>
      <div class="columns">
        {info && <Channels info={info} />}
        {info && <Mutes info={info} onChange={about.again} />}
      </div>
      <div class="tool-bar">
        <fieldset class="choice" aria-label="State">
          {STATES.map(([name, label]) => (
            <button
              key={name}
              type="button"
              class="btn btn-outline-secondary btn-sm"
              aria-pressed={state === name}
              onClick={() => changeQuery({ state: name })}
            >
              {label}
            </button>
          ))}
        </fieldset>
        <button type="button" class="btn btn-outline-secondary btn-sm" onClick={list.again}>
          Refresh
        </button>
        {may('operator') && state === 'undelivered' && list.items.length > 0 && (
          <button
            type="button"
            class="btn btn-primary btn-sm"
            disabled={resend.isRunning}
            onClick={() => void tryAgain()}
          >
            Try all again
          </button>
        )}
      </div>
      {resend.problem && <Fault problem={resend.problem} />}
      {list.items.length > 0 ? (
        <>
          <ScrollBox label="What was told">
            <table class="table table-hover">
              <thead>
                <tr>
                  <th>Time</th>
                  <th>What</th>
                  <th class="is-wide-only">Severity</th>
                  <th class="is-wide-only">Channel</th>
                  <th>State</th>
                  <th class="number is-wide-only">Tries</th>
                </tr>
              </thead>
              <tbody>
                {list.items.map((delivery) => (
                  <Row key={delivery.id} delivery={delivery} onResend={(id) => void tryAgain([id])} />
                ))}
              </tbody>
            </table>
          </ScrollBox>
          <MoreButton pages={list} />
        </>
      ) : list.problem ? (
        <Failed problem={list.problem} again={list.again} />
      ) : list.isWaiting ? (
        <Waiting what="the alerts" />
      ) : (
        <Empty icon="alerts" title={state ? `Nothing is ${state}` : 'Nothing was told yet'}>
          <p>
            {info && info.channels.length === 0
              ? 'No channel is configured. Set mail, webhook, ntfy or syslog in netbehave.yaml, section alerter.'
              : 'New devices, rules with an alert, silent exporters and losses are told as they happen.'}
          </p>
        </Empty>
      )}
    </Page>
  )
}

function Row({ delivery, onResend }: { readonly delivery: Delivery; readonly onResend: (id: number) => void }) {
  const { id, madeMs, doneMs, nextMs, subject, kind, severity, channel, state, tries, error } = delivery
  return (
    <tr>
      <td>
        <Time ms={madeMs} />
      </td>
      <th scope="row" class="alert-subject">
        {subject}
        <p class="quiet small">
          {kind}
          <span class="is-narrow-only">
            , {severity}, by {channel}
          </span>
        </p>
      </th>
      <td class="is-wide-only">
        <Badge tone={SEVERITY_TONES[severity] ?? 'plain'}>{severity}</Badge>
      </td>
      <td class="is-wide-only">{channel}</td>
      <td>
        <Badge tone={STATE_TONES[state]} title={delivery.key}>
          {state}
        </Badge>{' '}
        <span class="quiet">
          {state === 'waiting' && nextMs !== null ? (
            <>
              next try <Time ms={nextMs} as="ago" />
            </>
          ) : (
            doneMs !== null && <Time ms={doneMs} />
          )}
        </span>
        {error && <p class="wrong small">{error}</p>}
        {state === 'undelivered' && may('operator') && (
          <button
            type="button"
            class="btn btn-outline-secondary btn-sm"
            aria-label={`Try again: ${subject}`}
            onClick={() => onResend(id)}
          >
            Try again
          </button>
        )}
      </td>
      <td class="number is-wide-only" title={countOf(tries, 'try', 'tries')}>
        {tries}
      </td>
    </tr>
  )
}
