// netbehave broker streams: makes streams and consumers on a running nats-server, or brings them up to date, as the role flow-admin.
// Fails: CommandError when it does not answer or refuses.
import { ensureStreams } from '@netbehave/broker'
import { connectNow } from '../broker-client.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { chooseHub, type HubChoice } from './choose-hub.ts'
import { hubSites, requireHubSettings } from './hub-settings.ts'

export async function makeStreams(options: HubChoice, environment: Environment): Promise<void> {
  const { brokerUrl, brokerCa, keysOf } = chooseHub(options, environment)
  await using broker = await connectNow(
    { brokerUrl, brokerCa, brokerKeys: keysOf('flow-admin') },
    'flow-admin',
    environment,
  )
  try {
    const sites = options.dir === undefined ? undefined : hubSites(requireHubSettings(options.dir))
    await ensureStreams(await broker.connected, { ...(sites && { sites }) })
  } catch (cause) {
    throw new CommandError(
      `the broker at ${brokerUrl} does not take the streams (${(cause as Error).message}); JetStream must be on, with room for them`,
      EXIT.failed,
      { cause },
    )
  }
  environment.stderr.write(`streams and consumers are in place at ${brokerUrl}\n`)
}
