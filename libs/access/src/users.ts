// Users: names, roles, hashes of passwords. Fails: AccessError.
import type { UserRole } from '@netbehave/schema/api'
import type { Database } from '@netbehave/sqlite'
import { AccessError } from './access-error.ts'
import { fitsPassword, hashPassword, randomPassword } from './password.ts'

export interface UserRecord {
  readonly name: string
  readonly role: UserRole
  readonly createdMs: number
  readonly lastLoginMs: number | null
  readonly sessions: number
  readonly tokens: number
}

/** Users at most. */
export const MAX_USERS = 1000
const NAME = /^[a-z0-9][a-z0-9._@-]{0,63}$/

const SELECT = `SELECT name, role, created_ms AS createdMs, last_login_ms AS lastLoginMs,
  (SELECT count(*) FROM session WHERE session.user = user.name) AS sessions,
  (SELECT count(*) FROM token WHERE token.user = user.name) AS tokens FROM user`

export class Users {
  readonly #db: Database
  readonly #now: () => number
  #dummy: Promise<string> | undefined

  constructor(db: Database, now: () => number) {
    this.#db = db
    this.#now = now
  }

  list(): UserRecord[] {
    return this.#db.prepare(`${SELECT} ORDER BY name`).all() as UserRecord[]
  }

  get(name: string): UserRecord | undefined {
    return this.#db.prepare(`${SELECT} WHERE name = ?`).get(name) as UserRecord | undefined
  }

  /** The user when the password fits. Takes as long when there is no such user. */
  async check(name: string, password: string): Promise<UserRecord | undefined> {
    const hash = this.#db.prepare('SELECT password FROM user WHERE name = ?').pluck().get(name) as string | undefined
    this.#dummy ??= hashPassword(randomPassword())
    const fits = await fitsPassword(password, hash ?? (await this.#dummy))
    // Asked again: who was removed meanwhile does not come in.
    return fits && hash !== undefined && this.#hashOf(name) === hash ? this.get(name) : undefined
  }

  #hashOf(name: string): string | undefined {
    return this.#db.prepare('SELECT password FROM user WHERE name = ?').pluck().get(name) as string | undefined
  }

  /** Another after every change of the password (its salt); undefined without such a user. For caches of what was checked. */
  passwordTag(name: string): string | undefined {
    return this.#hashOf(name)?.split('$')[4]
  }

  async add(name: string, role: UserRole, password: string): Promise<UserRecord> {
    this.#insert(name, role, await hashPassword(password))
    return this.get(name)!
  }

  /** The new user's random password when nobody could manage users, else undefined. Two starts at once make one. */
  async ensureAdmin(): Promise<{ name: string; password: string } | undefined> {
    if (this.#admins() > 0) return undefined
    const password = randomPassword()
    const hash = await hashPassword(password)
    return this.#db
      .transaction(() => {
        if (this.#admins() > 0) return undefined
        let name = 'admin'
        for (let i = 2; this.get(name); i++) name = `admin${i}`
        this.#insert(name, 'admin', hash)
        return { name, password }
      })
      .immediate()
  }

  #insert(name: string, role: UserRole, hash: string): void {
    if (!NAME.test(name))
      throw new AccessError(
        'name',
        `"${name}" is no name: use 1 to 64 of a-z 0-9 . _ @ -, beginning with a letter or digit`,
      )
    this.#db
      .transaction(() => {
        if (this.get(name)) throw new AccessError('taken', `there is a user ${name} already`)
        if (this.list().length >= MAX_USERS)
          throw new AccessError('full', `there are ${MAX_USERS} users, which is the limit`)
        this.#db
          .prepare('INSERT INTO user (name, role, password, created_ms) VALUES (?, ?, ?, ?)')
          .run(name, role, hash, this.#now())
      })
      .immediate()
  }

  /** Ends every session of the user but the one with this hash. */
  async setPassword(name: string, password: string, keep?: Uint8Array): Promise<void> {
    this.#require(name)
    const hash = await hashPassword(password)
    this.#db.transaction(() => {
      this.#db.prepare('UPDATE user SET password = ? WHERE name = ?').run(hash, name)
      this.#db.prepare('DELETE FROM session WHERE user = ? AND hash IS NOT ?').run(name, keep ?? null)
    })()
  }

  setRole(name: string, role: UserRole): void {
    this.#db
      .transaction(() => {
        if (role !== 'admin') this.#keepAnAdmin(name)
        else this.#require(name)
        this.#db.prepare('UPDATE user SET role = ? WHERE name = ?').run(role, name)
      })
      .immediate()
  }

  remove(name: string): void {
    this.#db
      .transaction(() => {
        this.#keepAnAdmin(name)
        this.#db.prepare('DELETE FROM user WHERE name = ?').run(name)
      })
      .immediate()
  }

  rememberLogin(name: string): void {
    this.#db.prepare('UPDATE user SET last_login_ms = ? WHERE name = ?').run(this.#now(), name)
  }

  #keepAnAdmin(name: string): void {
    if (this.#require(name).role === 'admin' && this.#admins() === 1)
      throw new AccessError('last-admin', `${name} is the only admin; make another one first`)
  }

  #require(name: string): UserRecord {
    const user = this.get(name)
    if (!user) throw new AccessError('missing', `there is no user ${name}`)
    return user
  }

  #admins(): number {
    return this.#db.prepare("SELECT count(*) FROM user WHERE role = 'admin'").pluck().get() as number
  }
}
