import type { UserRole } from '@netbehave/schema/api'
import type { ComponentChildren } from 'preact'
import { may, me } from './session.ts'

interface RoleNoteProps {
  readonly needs: UserRole
  /** What the page does not offer without that role, as the beginning of a sentence. */
  readonly children: ComponentChildren
}

/** Stands where buttons would be, for those whose role has not got them: why, and what to do. */
export function RoleNote({ needs, children }: RoleNoteProps) {
  if (may(needs)) return null
  return (
    <p class="quiet small">
      {children}; your role is {me.value?.role}. An admin can give you another, under Account.
    </p>
  )
}
