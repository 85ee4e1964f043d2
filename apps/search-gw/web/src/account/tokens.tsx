import type { ADD_TOKEN, ReplyOf, TOKENS } from '@netbehave/schema/api'
import { useRef, useState } from 'preact/hooks'
import { ask, get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { useChange } from '../api/use-change.ts'
import { may } from '../session/session.ts'
import { Badge } from '../ui/badge.tsx'
import { CopyButton } from '../ui/copy-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Failed, Fault, Waiting } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'

/** API tokens: for scripts and Prometheus. The text of one is shown once. */
export function Tokens() {
  const { answer, problem, again } = useAsk('tokens', (signal) => get<ReplyOf<typeof TOKENS>>('tokens', {}, signal))
  const change = useChange()
  const form = useRef<HTMLFormElement>(null)
  const [secret, setSecret] = useState('')

  async function add(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const data = new FormData(form.current!)
    const days = Number(data.get('days'))
    const body = { name: data.get('name'), scope: data.get('scope'), days: days > 0 ? days : null }
    const done = await change.run(async () => {
      setSecret((await ask<ReplyOf<typeof ADD_TOKEN>>('POST', 'tokens', { body })).secret)
    })
    if (!done) return
    form.current?.reset()
    again()
  }
  async function remove(id: string): Promise<void> {
    if (await change.run(() => ask('DELETE', `tokens/${id}`))) again()
  }

  return (
    <section class="card">
      <h2>API tokens</h2>
      {!answer && (problem ? <Failed problem={problem} again={again} /> : <Waiting what="tokens" />)}
      {answer?.tokens.length === 0 && (
        <p class="quiet">None yet. A token lets a script or Prometheus in without your password.</p>
      )}
      {answer && answer.tokens.length > 0 && (
        <table class="table">
          <tbody>
            {answer.tokens.map((token) => (
              <tr key={token.id}>
                <th scope="row">
                  {token.name} <span class="quiet">{token.user}</span>
                </th>
                <td>
                  <Badge>{token.scope}</Badge>
                </td>
                <td class="quiet is-wide-only">
                  used <Time ms={token.lastUsedMs} as="ago" />
                </td>
                <td class="quiet">
                  {token.expiresMs === null ? (
                    'no end'
                  ) : (
                    <>
                      until <Time ms={token.expiresMs} />
                    </>
                  )}
                </td>
                <td>
                  <button
                    type="button"
                    class="btn btn-icon"
                    aria-label={`Remove ${token.name}`}
                    onClick={() => void remove(token.id)}
                  >
                    <Icon name="trash" />
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {secret && (
        <div class="note" role="status">
          <span>
            Shown only now: <code id="token-secret">{secret}</code> <CopyButton text={secret} sourceId="token-secret" />
          </span>
        </div>
      )}
      <form ref={form} class="tool-bar" onSubmit={(event) => void add(event)}>
        <input
          class="form-control form-control-sm is-wide"
          name="name"
          aria-label="Name of the token"
          placeholder="what it is for"
          required
          maxLength={64}
        />
        <select class="form-select form-select-sm" name="scope" aria-label="What it may do">
          <option value="read">read</option>
          <option value="metrics">metrics only</option>
          {may('operator') && <option value="operate">operate</option>}
          {may('admin') && <option value="admin">admin</option>}
        </select>
        <select class="form-select form-select-sm" name="days" aria-label="How long it is good for">
          <option value="90">90 days</option>
          <option value="365">a year</option>
          <option value="">no end</option>
        </select>
        <button type="submit" class="btn btn-outline-secondary btn-sm" disabled={change.isRunning}>
          Make a token
        </button>
      </form>
      {change.problem && <Fault problem={change.problem} />}
    </section>
  )
}
