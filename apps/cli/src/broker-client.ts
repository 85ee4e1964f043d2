// A connection of a command to the broker of a running copy. Fails: CommandError when nobody answers.
import { type Broker, type BrokerConfig, type BrokerLog, connectBroker, KeyError, type Role } from '@netbehave/broker'
import { chooseDataDir, requireRunningCopy } from './data-dir.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'

/** An answer takes milliseconds; a broker that is being started again is back in a second or two. */
const CONNECT_MS = 3_000

export interface CopyOptions {
  broker?: string
  data?: string
}

export interface BrokerAddress {
  readonly url: string
  /** Folder with the keys of roles; empty: it asks for none. */
  readonly keys: string
}

/** The broker that is named, or that of the copy that runs on the data folder. Throws CommandError when none runs. */
export async function chooseBroker({ broker, data }: CopyOptions, environment: Environment): Promise<BrokerAddress> {
  const keys = environment.env.NETBEHAVE_BROKER_KEYS ?? ''
  if (broker !== undefined) return { url: broker, keys }
  const running = requireRunningCopy(await chooseDataDir(data, environment))
  return { url: running.nats, keys: running.keys ?? keys }
}

/** Connects as a role to `url`, or to the broker of the copy that runs on the data folder. */
export async function connectToCopy(options: CopyOptions, role: Role, environment: Environment): Promise<Broker> {
  const { url: brokerUrl, keys: brokerKeys } = await chooseBroker(options, environment)
  let refusal: string | undefined
  const log: BrokerLog = {
    info: (_fields, message) => environment.stderr.write(`netbehave: ${message}\n`),
    warn: (_fields, message) => environment.stderr.write(`netbehave: ${message}\n`),
    error: (_fields, message) => {
      refusal = message
    },
  }
  let isTold = false
  const quietUntilConnected: BrokerLog = {
    info: (fields, message) => isTold && log.info(fields, message),
    warn: (fields, message) => isTold && log.warn(fields, message),
    error: log.error,
  }
  const broker = connectWithKey({ brokerUrl, brokerKeys, instance: `cli-${process.pid}` }, role, quietUntilConnected)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), CONNECT_MS)
  })
  const connected = await Promise.race([
    broker.connected.then(
      () => true,
      () => false,
    ),
    late,
  ])
  clearTimeout(timer)
  if (connected) {
    isTold = true
    return broker
  }
  await broker[Symbol.asyncDispose]()
  throw new CommandError(
    refusal ?? `the broker at ${brokerUrl} does not answer; is NetBehave running there?`,
    EXIT.unavailable,
  )
}

function connectWithKey(config: BrokerConfig, role: Role, log: BrokerLog): Broker {
  try {
    return connectBroker(config, role, log)
  } catch (error) {
    if (!(error instanceof KeyError)) throw error
    throw new CommandError(error.message, EXIT.config, { cause: error })
  }
}
