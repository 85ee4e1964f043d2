import { useRef } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { useChange } from '../api/use-change.ts'
import { changeQuery, place } from '../router/place.ts'
import { may } from '../session/session.ts'
import { Fault } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'
import type { AlertsInfo } from './alerts-page.tsx'

interface MutesProps {
  readonly info: AlertsInfo
  readonly onChange: () => void
}
type Mute = AlertsInfo['mutes'][number]

const HOURS = [
  ['1', 'for an hour'],
  ['24', 'for a day'],
  ['168', 'for a week'],
  ['', 'until taken away'],
] as const
const HOUR_MS = 3_600_000

const TARGETS = ['asset', 'rule', 'exporter'] as const

/** The page from which a person comes may say what is to be muted: `?mute=rule&value=NAME`. */
export function Mutes({ info, onChange }: MutesProps) {
  const { query } = place.value
  const wanted = TARGETS.find((target) => target === query.get('mute'))
  const change = useChange()
  const form = useRef<HTMLFormElement>(null)

  async function mute(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const data = new FormData(form.current!)
    const hours = Number(data.get('hours'))
    const body = {
      target: data.get('target'),
      value: String(data.get('value')).trim(),
      untilMs: hours > 0 ? Date.now() + hours * HOUR_MS : null,
    }
    if (await change.run(() => ask('POST', 'alerts/mute', { body }))) {
      form.current?.reset()
      changeQuery({ mute: '', value: '' }, { replace: true })
      onChange()
    }
  }
  async function unmute({ target, value }: Mute): Promise<void> {
    if (await change.run(() => ask('POST', 'alerts/unmute', { body: { target, value } }))) onChange()
  }

  return (
    <section class="card">
      <h2>Muted</h2>
      {info.mutes.length === 0 ? (
        <p class="quiet">Nothing is muted.</p>
      ) : (
        <table class="table">
          <tbody>
            {info.mutes.map((entry) => (
              <tr key={`${entry.target} ${entry.value}`}>
                <th scope="row">{entry.value}</th>
                <td class="quiet">
                  {entry.target},{' '}
                  {entry.untilMs === null ? (
                    'until taken away'
                  ) : (
                    <>
                      until <Time ms={entry.untilMs} />
                    </>
                  )}
                </td>
                <td>
                  {may('operator') && (
                    <div class="row-buttons">
                      <button
                        type="button"
                        class="btn btn-outline-secondary btn-sm"
                        aria-label={`Unmute ${entry.value}`}
                        onClick={() => void unmute(entry)}
                      >
                        Unmute
                      </button>
                    </div>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {may('operator') && (
        <form ref={form} class="tool-bar" onSubmit={(event) => void mute(event)}>
          <select class="form-select form-select-sm" name="target" aria-label="What to mute">
            {TARGETS.map((target) => (
              <option key={target} value={target} selected={target === (wanted ?? 'asset')}>
                {target}
              </option>
            ))}
          </select>
          <input
            class="form-control form-control-sm is-wide"
            name="value"
            aria-label="Its address, or the name of the rule"
            placeholder="address or name of the rule"
            required
            maxLength={255}
            defaultValue={wanted ? (query.get('value') ?? '') : ''}
          />
          <select class="form-select form-select-sm" name="hours" aria-label="How long">
            {HOURS.map(([hours, label]) => (
              <option key={hours} value={hours}>
                {label}
              </option>
            ))}
          </select>
          <button type="submit" class="btn btn-outline-secondary btn-sm" disabled={change.isRunning}>
            Mute
          </button>
        </form>
      )}
      {change.problem && <Fault problem={change.problem} />}
    </section>
  )
}
