// Who is signed in: asked once at the start, then known.
import type { Me, UserRole } from '@netbehave/schema/api'
import { signal } from '@preact/signals'

/** undefined: not known yet; null: nobody. */
export const me = signal<Me | null | undefined>(undefined)
/** Why one has to sign in again; empty: no reason to tell. */
export const signInReason = signal('')

const RANK: Readonly<Record<UserRole, number>> = { viewer: 0, operator: 1, admin: 2 }

export const may = (role: UserRole): boolean => {
  const user = me.value
  return user ? RANK[user.role] >= RANK[role] : false
}

/** The gateway does not know the session any more. */
export function sessionEnded(): void {
  if (me.value) signInReason.value = 'Your session has ended. Sign in again to go on where you were.'
  me.value = null
}
