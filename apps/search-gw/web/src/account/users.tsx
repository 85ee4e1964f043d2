import type { ADD_USER, ReplyOf, USERS, User, UserRole } from '@netbehave/schema/api'
import { useRef, useState } from 'preact/hooks'
import { ask, get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { useChange } from '../api/use-change.ts'
import { me } from '../session/session.ts'
import { CopyButton } from '../ui/copy-button.tsx'
import { Icon } from '../ui/icon.tsx'
import { ScrollBox } from '../ui/scroll-box.tsx'
import { Failed, Fault, Waiting } from '../ui/states.tsx'
import { Time } from '../ui/time.tsx'

const ROLES: readonly (readonly [UserRole, string])[] = [
  ['viewer', 'viewer: looks'],
  ['operator', 'operator: changes assets, mutes'],
  ['admin', 'admin: everything'],
]

/** Who may sign in; for admins. */
export function Users() {
  const { answer, problem, again } = useAsk('users', (signal) => get<ReplyOf<typeof USERS>>('users', {}, signal))
  const change = useChange()
  const form = useRef<HTMLFormElement>(null)
  const [made, setMade] = useState<{ name: string; password: string }>()

  async function add(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const data = new FormData(form.current!)
    const body = { name: String(data.get('name')).trim(), role: data.get('role') }
    const done = await change.run(async () => {
      const { user, password } = await ask<ReplyOf<typeof ADD_USER>>('POST', 'users', { body })
      setMade(password === null ? undefined : { name: user.name, password })
    })
    if (!done) return
    form.current?.reset()
    again()
  }
  async function setRole({ name }: User, role: string): Promise<void> {
    await change.run(() => ask('PATCH', `users/${encodeURIComponent(name)}`, { body: { role } }))
    again()
  }
  async function remove({ name }: User): Promise<void> {
    if (!confirm(`Remove the user ${name} with their sessions and tokens?`)) return
    if (await change.run(() => ask('DELETE', `users/${encodeURIComponent(name)}`))) again()
  }

  return (
    <section class="card">
      <h2>Users</h2>
      {!answer && (problem ? <Failed problem={problem} again={again} /> : <Waiting what="users" />)}
      {answer && (
        <ScrollBox label="Users" class="table-scroll">
          <table class="table user-table">
            <thead>
              <tr>
                <th>User</th>
                <th>Role</th>
                <th class="is-wide-only">Last sign-in</th>
                <th class="number is-wide-only">Sessions</th>
                <th class="number is-wide-only">Tokens</th>
                <th>
                  <span class="visually-hidden">Remove</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {answer.users.map((user) => (
                <tr key={user.name}>
                  <th scope="row">{user.name}</th>
                  <td>
                    <select
                      class="form-select form-select-sm"
                      aria-label={`Role of ${user.name}`}
                      value={user.role}
                      disabled={user.name === me.value?.user}
                      onChange={(event) => void setRole(user, event.currentTarget.value)}
                    >
                      {ROLES.map(([role, label]) => (
                        <option key={role} value={role}>
                          {label}
                        </option>
                      ))}
                    </select>
                  </td>
                  <td class="is-wide-only">
                    <Time ms={user.lastLoginMs} />
                  </td>
                  <td class="number is-wide-only">{user.sessions}</td>
                  <td class="number is-wide-only">{user.tokens}</td>
                  <td>
                    {user.name !== me.value?.user && (
                      <button
                        type="button"
                        class="btn btn-icon"
                        aria-label={`Remove ${user.name}`}
                        onClick={() => void remove(user)}
                      >
                        <Icon name="trash" />
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
      {made && (
        <div class="note" role="status">
          <span>
            The password of {made.name}, shown only now: <code id="made-password">{made.password}</code>{' '}
            <CopyButton text={made.password} sourceId="made-password" />
          </span>
        </div>
      )}
      <form ref={form} class="tool-bar" onSubmit={(event) => void add(event)}>
        <input
          class="form-control form-control-sm is-wide"
          name="name"
          aria-label="Name of the new user"
          placeholder="name of a new user"
          required
          pattern="[a-z0-9][a-z0-9._@\-]{0,63}"
          title="a-z 0-9 . _ @ -"
          autocapitalize="none"
          autocomplete="off"
        />
        <select class="form-select form-select-sm" name="role" aria-label="Role of the new user">
          {ROLES.map(([role, label]) => (
            <option key={role} value={role}>
              {label}
            </option>
          ))}
        </select>
        <button type="submit" class="btn btn-outline-secondary btn-sm" disabled={change.isRunning}>
          Add
        </button>
      </form>
      {change.problem && <Fault problem={change.problem} />}
    </section>
  )
}
