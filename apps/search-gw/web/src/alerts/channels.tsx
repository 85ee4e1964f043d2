import { useState } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { useChange } from '../api/use-change.ts'
import { countOf } from '../format/numbers.ts'
import { may } from '../session/session.ts'
import { Badge } from '../ui/badge.tsx'
import { Fault } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'
import type { AlertsInfo } from './alerts-page.tsx'

type Channel = AlertsInfo['channels'][number]

const REASONS: Readonly<Record<AlertsInfo['digests'][number]['reason'], string>> = {
  learning: 'what is new in the learning window',
  quiet: 'what came in quiet hours',
  throttle: 'what was too much for one hour',
  interval: 'what goes into a digest by its rule',
}

export function Channels({ info }: { readonly info: AlertsInfo }) {
  return (
    <section class="card">
      <h2>Channels</h2>
      {info.channels.length === 0 ? (
        <p class="quiet">
          None is configured. Set mail, webhook, ntfy or syslog in <code>netbehave.yaml</code>, section{' '}
          <code>alerter</code>.
        </p>
      ) : (
        <table class="table">
          <tbody>
            {info.channels.map((channel) => (
              <ChannelRow key={channel.channel} channel={channel} />
            ))}
          </tbody>
        </table>
      )}
      {info.digests.map(({ channel, reason, dueMs, total }) => (
        <p key={`${channel} ${reason} ${dueMs}`} class="quiet">
          A digest of {countOf(total, 'alert')} ({REASONS[reason]}) goes to {channel} <Time ms={dueMs} as="ago" />.
        </p>
      ))}
    </section>
  )
}

function ChannelRow({ channel: { channel, target, waiting, error } }: { readonly channel: Channel }) {
  const change = useChange()
  const [told, setTold] = useState('')
  async function test(): Promise<void> {
    setTold('')
    await change.run(async () =>
      setTold((await ask<{ target: string }>('POST', 'alerts/test', { body: { channel } })).target),
    )
  }
  return (
    <tr>
      <th scope="row" class="in-one-line">
        {channel}
      </th>
      <td>
        {target}
        {error && <p class="wrong small">{error}</p>}
        {told && (
          <p class="good small" role="status">
            A test message went to {told}.
          </p>
        )}
        {change.problem && <Fault problem={change.problem} />}
      </td>
      <td>
        {error ? (
          <Badge tone="bad">fails</Badge>
        ) : waiting > 0 ? (
          <Badge tone="note">{waiting} waiting</Badge>
        ) : (
          <Badge tone="good">works</Badge>
        )}
      </td>
      <td>
        {may('operator') && (
          <div class="row-buttons">
            <button
              type="button"
              class="btn btn-outline-secondary btn-sm"
              aria-label={`Test ${channel}`}
              disabled={change.isRunning}
              onClick={() => void test()}
            >
              {change.isRunning ? 'Sending …' : 'Test'}
            </button>
          </div>
        )}
      </td>
    </tr>
  )
}
