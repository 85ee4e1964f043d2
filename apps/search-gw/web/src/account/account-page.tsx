import { RoleNote } from '../session/role-note.tsx'
import { may, me } from '../session/session.ts'
import { Page } from '../ui/page.tsx'
import { ChangePassword } from './change-password.tsx'
import { Tokens } from './tokens.tsx'
import { Users } from './users.tsx'

export function AccountPage() {
  const user = me.value
  return (
    <Page title="Account" about={user && `${user.user}, ${user.role}. NetBehave ${user.version}.`}>
      <div class="columns">
        <ChangePassword />
        <Tokens />
      </div>
      {may('admin') ? <Users /> : <RoleNote needs="admin">To add users and to give roles is for admins</RoleNote>}
    </Page>
  )
}
