// Makes streams and consumers on a nats-server. Fails: CommandError when it does not answer or refuses.
import { connectBroker, ensureStreams } from '@netbehave/broker'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'

const CONNECT_MS = 10_000
const quiet = { info() {}, warn() {}, error() {} }

export async function initBroker(brokerUrl: string, { stderr }: Environment): Promise<void> {
  await using broker = connectBroker({ brokerUrl, instance: 'init' }, 'flow-admin', quiet)
  const late = Promise.withResolvers<undefined>()
  const timer = setTimeout(() => late.resolve(undefined), CONNECT_MS)
  const connection = await Promise.race([broker.connected, late.promise]).finally(() => clearTimeout(timer))
  if (connection === undefined) {
    throw new CommandError(
      `the broker at ${brokerUrl} does not answer; is nats-server running there?`,
      EXIT.unavailable,
    )
  }
  try {
    await ensureStreams(connection)
  } catch (cause) {
    throw new CommandError(
      `the broker at ${brokerUrl} does not take the streams (${(cause as Error).message}); JetStream must be on, with room for them`,
      EXIT.failed,
      { cause },
    )
  }
  stderr.write(`streams and consumers are in place at ${brokerUrl}\n`)
}
