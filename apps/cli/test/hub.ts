// For tests: a hub's folder made by the command, and a real nats-server that runs on it.
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startNatsServer } from '@netbehave/broker'
import { runCommand } from './command.ts'

export interface TestHub extends AsyncDisposable {
  readonly dir: string
  readonly pid: number
  /** HOST:PORT on which it listens, whatever the folder says. */
  readonly address: string
  /** Has nats-server read the folder's configuration as it is now. */
  reload(): void
}

/** `netbehave broker init` with these options, and nats-server on any free port. */
export async function startHub(...options: string[]): Promise<TestHub> {
  const dir = await mkdtemp(join(tmpdir(), 'netbehave-hub-'))
  const anyPort = ['--listen', '127.0.0.1:0', '--http', '127.0.0.1:0']
  const made = await runCommand(['broker', 'init', '--dir', dir, ...anyPort, ...options])
  assert.equal(made.code, 0, made.stderr)
  const config = `ports_file_dir: ${JSON.stringify(dir)}\nlog_file: "${dir}/nats.log"\ninclude "./hub.conf"\n`
  const server = await startNatsServer({ binary: process.env.NATS_SERVER_BIN ?? 'nats-server', dir, config })
  return {
    dir,
    pid: server.pid,
    address: new URL(server.url).host,
    reload: () => void process.kill(server.pid, 'SIGHUP'),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
