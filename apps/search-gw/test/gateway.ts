// A gateway as a process of its own, with a data folder of its own, and people who ask it.
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { openAccess } from '@netbehave/access'
import { API_PREFIX, type Problem, type UserRole } from '@netbehave/schema/api'

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url))
export const PASSWORD = 'correct horse battery'
export const ROLES: readonly UserRole[] = ['viewer', 'operator', 'admin']

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  // biome-ignore lint/suspicious/noExplicitAny: tests look at what is there
  readonly json: any
  readonly problem: Problem
}

export interface AskOptions {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
  /** User name; signs in by HTTP Basic. */
  readonly as?: string
}

export interface TestGateway extends AsyncDisposable {
  readonly http: string
  readonly instance: string
  readonly dataDir: string
  readonly pid: number
  /** Lines that were no log: what is printed for people. */
  readonly printed: readonly string[]
  readonly logged: readonly Record<string, unknown>[]
  ask(path: string, options?: AskOptions): Promise<Reply>
  /** Below the API; as the admin unless told. */
  api(path: string, options?: AskOptions): Promise<Reply>
  /** Signs in as a browser does; returns its cookie. */
  signIn(user: string, password?: string): Promise<string>
  stop(): Promise<void>
}

export interface GatewayOptions {
  readonly args?: readonly string[]
  readonly dataDir?: string
  /** Folder with the keys of the broker's roles. */
  readonly keys?: string
  /** Without users, to see a first start. */
  readonly isEmpty?: boolean
}

/** Each copy has a name of its own, so that the snapshots of two are not taken for one's. */
let started = 0

export async function startGateway(brokerUrl: string, options: GatewayOptions = {}): Promise<TestGateway> {
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'netbehave-gateway-'))
  // Also where a gateway does not start, or does not stop as it should.
  if (!options.dataDir) process.once('exit', () => rmSync(dataDir, { recursive: true, force: true }))
  if (!options.isEmpty) await makeUsers(dataDir)
  const instance = `test-${process.pid}-${started++}`
  const args = ['--listen', '127.0.0.1:0', '--data-dir', dataDir, ...(options.args ?? [])]
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {
      ...process.env,
      NETBEHAVE_BROKER_URL: brokerUrl,
      NETBEHAVE_INSTANCE: instance,
      NETBEHAVE_BROKER_KEYS: options.keys ?? '',
    },
    stdio: ['ignore', 'inherit', 'pipe'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const printed: string[] = []
  const logged: Record<string, unknown>[] = []
  const http = await readReady(child, printed, logged, ended)

  async function ask(path: string, { method = 'GET', body, headers = {}, as }: AskOptions = {}): Promise<Reply> {
    const response = await fetch(`${http}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(as && { authorization: basic(as, PASSWORD) }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const parse = () =>
      /json/.test(response.headers.get('content-type') ?? '') && text !== '' ? JSON.parse(text) : undefined
    const { status } = response
    return {
      status,
      headers: response.headers,
      text,
      get json() {
        return parse()
      },
      get problem() {
        return parse() as Problem
      },
    }
  }

  async function stop(): Promise<void> {
    child.kill('SIGTERM')
    assert.equal(await ended, 0)
  }

  return {
    http,
    instance,
    dataDir,
    pid: child.pid!,
    printed,
    logged,
    ask,
    api: (path, asked = {}) => ask(API_PREFIX + path, { as: 'admin', ...asked }),
    async signIn(user, password = PASSWORD) {
      const reply = await ask(`${API_PREFIX}/session`, { method: 'POST', body: { user, password } })
      assert.equal(reply.status, 200, reply.text)
      return reply.headers.get('set-cookie')!.split(';')[0]!
    },
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

export const basic = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`

async function makeUsers(dataDir: string): Promise<void> {
  using access = openAccess(dataDir)
  const missing = ROLES.filter((role) => !access.users.get(role))
  await Promise.all(missing.map((role) => access.users.add(role, role, PASSWORD)))
}

async function readReady(
  child: ChildProcess,
  printed: string[],
  logged: Record<string, unknown>[],
  ended: Promise<number | null>,
): Promise<string> {
  const ready = Promise.withResolvers<string>()
  createInterface(child.stderr!).on('line', (line) => {
    if (!line.startsWith('{')) {
      printed.push(line)
      return
    }
    const fields = JSON.parse(line) as Record<string, unknown>
    logged.push(fields)
    if (typeof fields.http === 'string') ready.resolve(fields.http)
  })
  void ended.then((code) => ready.reject(new Error(`the gateway ended with code ${code}: ${printed.join('\n')}`)))
  return ready.promise
}
