// Users and API tokens of the console, in the data folder; a running gateway sees every change at once. Fails: CommandError.
import { createInterface } from 'node:readline'
import {
  type Access,
  AccessError,
  openAccess,
  randomPassword,
  type TokenRecord,
  type UserRecord,
} from '@netbehave/access'
import type { TokenScope, UserRole } from '@netbehave/schema/api'
import { chooseDataDir } from './data-dir.ts'
import type { Environment } from './environment.ts'
import { CommandError, describeSystemError, EXIT, writeExitCode } from './exit-codes.ts'
import { formatTime } from './output/numbers.ts'
import { formatTable, type TableColumn } from './output/table.ts'

export interface UserOptions {
  data?: string
  output?: 'table' | 'json'
  passwordStdin?: boolean
}
export interface AddUserOptions extends UserOptions {
  role: UserRole
}
export type TokenOptions = Omit<UserOptions, 'passwordStdin'>
export interface AddTokenOptions extends TokenOptions {
  scope: TokenScope
  user: string
  days?: number
}

const DAY_MS = 86_400_000
const LEAST_LENGTH = 8
const MOST_LENGTH = 1024

const time = (ms: number | null): string => (ms === null ? '' : formatTime(ms))
const USER_COLUMNS: readonly TableColumn<UserRecord>[] = [
  { heading: 'NAME', value: ({ name }) => name },
  { heading: 'ROLE', value: ({ role }) => role },
  { heading: 'LAST SIGNED IN', value: ({ lastLoginMs }) => time(lastLoginMs) },
  { heading: 'SESSIONS', value: ({ sessions }) => sessions, align: 'right' },
  { heading: 'TOKENS', value: ({ tokens }) => tokens, align: 'right' },
]
const TOKEN_COLUMNS: readonly TableColumn<TokenRecord>[] = [
  { heading: 'ID', value: ({ id }) => id },
  { heading: 'NAME', value: ({ name }) => name },
  { heading: 'USER', value: ({ user }) => user },
  { heading: 'SCOPE', value: ({ scope }) => scope },
  { heading: 'ENDS', value: ({ expiresMs }) => time(expiresMs) },
  { heading: 'LAST USED', value: ({ lastUsedMs }) => time(lastUsedMs) },
]

export async function addUser(name: string, options: AddUserOptions, environment: Environment): Promise<void> {
  const { stdout } = environment
  await withAccess(options, environment, async ({ users }) => {
    const known = users.get(name)
    if (known && !options.passwordStdin) {
      users.setRole(name, options.role)
      stdout.write(`${name} is ${options.role} now, with the password as it was\n`)
      return
    }
    const { password, made } = await choosePassword(options, environment)
    if (known) {
      users.setRole(name, options.role)
      await users.setPassword(name, password)
    } else await users.add(name, options.role, password)
    stdout.write(`${name} is ${options.role}${made ? `, with the password ${password} (shown only now)` : ''}\n`)
  })
}

export async function changePassword(name: string, options: UserOptions, environment: Environment): Promise<void> {
  await withAccess(options, environment, async ({ users }) => {
    if (!users.get(name)) throw new AccessError('missing', `there is no user ${name}`)
    const { password, made } = await choosePassword(options, environment)
    await users.setPassword(name, password)
    environment.stdout.write(
      `${name} has a new password${made ? `: ${password} (shown only now)` : ''}; every session of ${name} ended\n`,
    )
  })
}

export async function listUsers(options: UserOptions, environment: Environment): Promise<void> {
  await withAccess(options, environment, async ({ users }) => print(users.list(), USER_COLUMNS, options, environment))
}

export async function removeUser(name: string, options: UserOptions, environment: Environment): Promise<void> {
  await withAccess(options, environment, async ({ users }) => {
    users.remove(name)
    environment.stdout.write(`${name} is removed\n`)
  })
}

export async function addToken(name: string, options: AddTokenOptions, environment: Environment): Promise<void> {
  const { user, scope, days } = options
  await withAccess(options, environment, async ({ tokens }) => {
    const expiresMs = days === undefined ? null : environment.now() + days * DAY_MS
    environment.stdout.write(`${tokens.add(user, name, scope, expiresMs).secret}\n`)
  })
}

export async function listTokens(options: TokenOptions, environment: Environment): Promise<void> {
  await withAccess(options, environment, async ({ tokens }) =>
    print(tokens.list(), TOKEN_COLUMNS, options, environment),
  )
}

export async function removeToken(id: string, options: TokenOptions, environment: Environment): Promise<void> {
  await withAccess(options, environment, async ({ tokens }) => {
    tokens.remove(id, undefined)
    environment.stdout.write(`token ${id} is removed\n`)
  })
}

async function withAccess(
  { data }: TokenOptions,
  environment: Environment,
  work: (access: Access) => Promise<void>,
): Promise<void> {
  const dataDir = await chooseDataDir(data, environment)
  try {
    using access = openAccess(dataDir, { now: environment.now })
    await work(access)
  } catch (error) {
    if (error instanceof AccessError)
      throw new CommandError(error.message, error.kind === 'missing' ? EXIT.noInput : EXIT.usage, { cause: error })
    if (error instanceof CommandError || !(error as { code?: string }).code) throw error
    throw new CommandError(`cannot use the users of ${dataDir}: ${describeSystemError(error)}`, writeExitCode(error), {
      cause: error,
    })
  }
}

function print<Row>(
  rows: readonly Row[],
  columns: readonly TableColumn<Row>[],
  { output }: TokenOptions,
  { stdout }: Environment,
): void {
  if (output === 'json') stdout.write(`${JSON.stringify(rows)}\n`)
  else stdout.write(`${formatTable(columns, rows).join('\n')}\n`)
}

/** From standard input when that was asked for, else a random one. */
async function choosePassword(
  { passwordStdin }: UserOptions,
  { stdin }: Environment,
): Promise<{ password: string; made: boolean }> {
  if (!passwordStdin) return { password: randomPassword(), made: true }
  for await (const line of createInterface(stdin)) {
    if (line.length >= LEAST_LENGTH && line.length <= MOST_LENGTH) return { password: line, made: false }
    throw new CommandError(`a password has ${LEAST_LENGTH} to ${MOST_LENGTH} characters`, EXIT.usage)
  }
  throw new CommandError('there is no password on standard input', EXIT.noInput)
}
