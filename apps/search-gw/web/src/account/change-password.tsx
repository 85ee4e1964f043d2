import { useRef, useState } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { useChange } from '../api/use-change.ts'
import { me } from '../session/session.ts'
import { Fault } from '../ui/states.tsx'

export function ChangePassword() {
  const change = useChange()
  const form = useRef<HTMLFormElement>(null)
  const [isDone, setDone] = useState(false)

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    setDone(false)
    const data = new FormData(form.current!)
    const body = { current: data.get('current'), next: data.get('next') }
    if (await change.run(() => ask('PUT', 'session/password', { body }))) {
      form.current?.reset()
      setDone(true)
    }
  }
  return (
    <section class="card">
      <h2>Change the password</h2>
      <form ref={form} class="stack" onSubmit={(event) => void submit(event)}>
        <input type="hidden" name="user" autocomplete="username" value={me.value?.user} />
        <label class="form-label" for="current">
          Current password
        </label>
        <input
          class="form-control"
          id="current"
          name="current"
          type="password"
          autocomplete="current-password"
          required
        />
        <label class="form-label" for="next">
          New password, 8 characters or more
        </label>
        <input
          class="form-control"
          id="next"
          name="next"
          type="password"
          autocomplete="new-password"
          required
          minLength={8}
          maxLength={1024}
        />
        <button type="submit" class="btn btn-outline-secondary" disabled={change.isRunning}>
          Change it
        </button>
      </form>
      <div role="status">
        {isDone && <p class="good">It is changed; your other sessions have ended.</p>}
        {change.problem && <Fault problem={change.problem} />}
      </div>
    </section>
  )
}
