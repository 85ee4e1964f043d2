// The alerter as a process of its own, as it runs in a container; its data in a folder of its own.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { until } from '@netbehave/bench'
import { ask, type Broker } from '@netbehave/broker'
import { ALERTS_INFO } from '@netbehave/schema'

const MAIN = join(import.meta.dirname, '../src/main.ts')

export interface AlerterProcess extends AsyncDisposable {
  readonly log: () => string
  /** kill -9. */
  kill(): Promise<void>
}

/** Resolves when it is ready and answers requests. */
export async function startAlerterProcess(
  env: Readonly<Record<string, string>>,
  client: Broker,
): Promise<AlerterProcess> {
  const { PATH = '' } = process.env
  const child: ChildProcess = spawn(process.execPath, [MAIN], {
    env: { PATH, NETBEHAVE_INSTANCE: 'test', ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  const ended = once(child, 'exit')
  await new Promise<void>((resolve, reject) => {
    child.stderr!.on('data', (bytes: Buffer) => {
      log += bytes
      if (log.includes('"msg":"ready"')) resolve()
    })
    void ended.then(() => reject(new Error(`the alerter ended:\n${log}`)))
  })
  await until(() =>
    ask(client, ALERTS_INFO, {}).then(
      () => true,
      () => false,
    ),
  )
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    await ended
  }
  return { log: () => log, kill: () => end('SIGKILL'), [Symbol.asyncDispose]: () => end('SIGTERM') }
}
