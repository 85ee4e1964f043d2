// Checks passwords: so many wrong ones from an address and for a user, then a pause; so many scrypt hashes at once.
// Fails: ApiError 429 with the time to wait; GateFullError.
import type { Access, UserRecord } from '@netbehave/access'
import { Gate } from '../gate.ts'
import { networkOf } from '../http/peer.ts'
import { ApiError } from '../http/problem.ts'
import { FailureCounts } from './failure-counts.ts'

export const SIGN_IN_LIMITS = {
  windowMs: 10 * 60_000,
  /** Wrong passwords from one address (IPv6: one /64) in a window. */
  perAddress: 10,
  /** And for one user name, from wherever. */
  perUser: 30,
  /** Addresses and names that are remembered, each; of more the oldest are forgotten. */
  remembered: 10_000,
  /** scrypt takes 32 MiB and a core each time. */
  atOnce: 2,
  waiting: 16,
} as const

export class SignIn {
  readonly #users: Access['users']
  readonly #byAddress: FailureCounts
  readonly #byUser: FailureCounts
  readonly #now: () => number
  readonly gate = new Gate({ atOnce: SIGN_IN_LIMITS.atOnce, waiting: SIGN_IN_LIMITS.waiting })
  /** Wrong passwords, and tries that were not even looked at. */
  failures = 0
  limited = 0

  constructor(users: Access['users'], now: () => number) {
    const { windowMs, perAddress, perUser, remembered } = SIGN_IN_LIMITS
    this.#users = users
    this.#now = now
    this.#byAddress = new FailureCounts({ windowMs, most: perAddress, remembered })
    this.#byUser = new FailureCounts({ windowMs, most: perUser, remembered })
  }

  get forgotten(): number {
    return this.#byAddress.forgotten + this.#byUser.forgotten
  }

  /** The user when the password fits, and is remembered as signed in; undefined when not. */
  async check(name: string, password: string, address: string): Promise<UserRecord | undefined> {
    const keys = [
      [this.#byAddress, networkOf(address)],
      [this.#byUser, name.slice(0, 64)],
    ] as const
    const waitMs = Math.max(...keys.map(([counts, key]) => counts.waitMs(key, this.#now())))
    if (waitMs > 0) {
      this.limited++
      const minutes = Math.ceil(waitMs / 60_000)
      throw new ApiError(429, `too many wrong passwords; wait ${minutes === 1 ? 'a minute' : `${minutes} minutes`}`, {
        retryAfterS: waitMs / 1000,
      })
    }
    // Counted before it is known to be wrong, so that a hundred tries at once are a hundred tries.
    for (const [counts, key] of keys) counts.add(key, this.#now())
    try {
      const user = await this.gate.run(() => this.#users.check(name, password))
      if (!user) {
        this.failures++
        return undefined
      }
      for (const [counts, key] of keys) counts.takeBack(key)
      this.#users.rememberLogin(name)
      return user
    } catch (error) {
      for (const [counts, key] of keys) counts.takeBack(key)
      throw error
    }
  }
}
