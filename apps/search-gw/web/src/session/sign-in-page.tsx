import { useEffect, useRef } from 'preact/hooks'
import { useChange } from '../api/use-change.ts'
import { Icon } from '../ui/icon.tsx'
import { Fault } from '../ui/states.tsx'
import { signInReason } from './session.ts'
import { signIn } from './sign-in.ts'

export function SignInPage() {
  const change = useChange()
  const form = useRef<HTMLFormElement>(null)
  const isWrong = change.problem?.status === 401

  useEffect(() => {
    document.title = 'Sign in · NetBehave'
  }, [])

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const fields = new FormData(form.current!)
    const done = await change.run(() => signIn(String(fields.get('user')), String(fields.get('password'))))
    if (!done) form.current?.querySelector<HTMLInputElement>('[name=password]')?.select()
  }

  return (
    <main class="sign-in">
      <form ref={form} class="sign-in-card" onSubmit={(event) => void submit(event)}>
        <h1 class="brand">
          <Icon name="logo" /> NetBehave
        </h1>
        <p class="quiet">Who talks to whom on this network, by name.</p>
        {signInReason.value && <p class="note">{signInReason.value}</p>}
        <label class="form-label" for="user">
          User
        </label>
        <input
          class="form-control"
          id="user"
          name="user"
          autocomplete="username"
          autocapitalize="none"
          spellcheck={false}
          required
          maxLength={64}
        />
        <label class="form-label" for="password">
          Password
        </label>
        <input
          class="form-control"
          id="password"
          name="password"
          type="password"
          autocomplete="current-password"
          required
          maxLength={1024}
        />
        <div role="alert">
          {change.problem &&
            (isWrong ? (
              <p class="wrong">{change.problem.detail ?? 'User or password is wrong.'}</p>
            ) : (
              <Fault problem={change.problem} />
            ))}
        </div>
        <button class="btn btn-primary" type="submit" disabled={change.isRunning}>
          {change.isRunning ? 'Signing in …' : 'Sign in'}
        </button>
        <p class="quiet small">
          The first start prints a password for <code>admin</code> on its console. Lost it? Run{' '}
          <code>netbehave users passwd admin</code>.
        </p>
      </form>
    </main>
  )
}
