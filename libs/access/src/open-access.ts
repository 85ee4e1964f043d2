// Who may do what with the gateway: `<data>/gateway/users.sqlite3`. The gateway and `netbehave users` open it, also at once.
// Fails: throws SQLite's errors; a damaged file is set aside.
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase, type SetAside } from '@netbehave/sqlite'
import { SESSION_LIMITS, type SessionLimits, Sessions } from './sessions.ts'
import { Tokens } from './tokens.ts'
import { Users } from './users.ts'

export interface Access extends Disposable {
  readonly users: Users
  readonly sessions: Sessions
  readonly tokens: Tokens
}

export interface AccessOptions {
  readonly now?: () => number
  readonly sessionLimits?: Partial<SessionLimits>
  readonly onSetAside?: (setAside: SetAside) => void
}

export const accessPath = (dataDir: string): string => join(dataDir, 'gateway', 'users.sqlite3')

export function openAccess(dataDir: string, options: AccessOptions = {}): Access {
  const { now = Date.now, sessionLimits = {}, onSetAside } = options
  const path = accessPath(dataDir)
  const db = openDatabase(path, join(import.meta.dirname, 'migrations'), onSetAside ? { onSetAside } : {})
  chmodSync(path, 0o600)
  return {
    users: new Users(db, now),
    sessions: new Sessions(db, now, { ...SESSION_LIMITS, ...sessionLimits }),
    tokens: new Tokens(db, now),
    [Symbol.dispose]() {
      if (db.open) db.close()
    },
  }
}
