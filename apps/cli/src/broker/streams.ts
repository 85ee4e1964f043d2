// netbehave broker streams: makes streams and consumers on a running nats-server, or brings them up to date, as the role flow-admin.
// Fails: CommandError when it does not answer or refuses.
import { ensureStreams } from '@netbehave/broker'
import { connectNow } from '../broker-client.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { chooseHub, type HubChoice } from './choose-hub.ts'
import { hubSites, requireHubSettings } from './hub-settings.ts'

export interface StreamsOptions extends HubChoice {
  /** Servers of a cluster that hold each stream; absent: as many as before. */
  readonly replicas?: string
}

const REPLICAS = ['1', '3', '5']

export async function makeStreams(options: StreamsOptions, environment: Environment): Promise<void> {
  const { replicas } = options
  if (replicas !== undefined && !REPLICAS.includes(replicas))
    throw new CommandError(
      `--replicas is "${replicas}": write 1, 3 or 5, and no more than the cluster has servers`,
      EXIT.usage,
    )
  const { brokerUrl, brokerCa, keysOf } = chooseHub(options, environment)
  await using broker = await connectNow(
    { brokerUrl, brokerCa, brokerKeys: keysOf('flow-admin') },
    'flow-admin',
    environment,
  )
  try {
    const sites = options.dir === undefined ? undefined : hubSites(requireHubSettings(options.dir))
    const streamReplicas = replicas === undefined ? undefined : Number(replicas)
    await ensureStreams(await broker.connected, { ...(sites && { sites }), ...(streamReplicas && { streamReplicas }) })
  } catch (cause) {
    throw new CommandError(
      `the broker at ${brokerUrl} does not take the streams (${(cause as Error).message}); JetStream must be on, with room for them`,
      EXIT.failed,
      { cause },
    )
  }
  environment.stderr.write(`streams and consumers are in place at ${brokerUrl}\n`)
}
