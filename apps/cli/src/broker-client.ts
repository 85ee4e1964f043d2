// A connection of a command to the broker of a running copy. Fails: CommandError when nobody answers.
import { type Broker, type BrokerConfig, type BrokerLog, connectBroker, KeyError, type Role } from '@netbehave/broker'
import { chooseDataDir, requireRunningCopy } from './data-dir.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'

/** An answer takes milliseconds; a broker that is being started again is back in a second or two, on a small busy box in some more. */
const CONNECT_MS = 10_000

export interface CopyOptions {
  broker?: string
  data?: string
}

export interface BrokerAddress {
  readonly url: string
  /** Folder with the keys of roles; empty: it asks for none. */
  readonly keys: string
  /** File with the CA of its certificate; empty: those that Node knows. */
  readonly ca: string
}

/** The broker that is named, or that of the copy that runs on the data folder. Throws CommandError when none runs. */
export async function chooseBroker({ broker, data }: CopyOptions, environment: Environment): Promise<BrokerAddress> {
  const keys = environment.env.NETBEHAVE_BROKER_KEYS ?? ''
  // Beside containers the environment says where the broker is; a data folder that is named says it better.
  const url = broker ?? (data === undefined ? environment.env.NETBEHAVE_BROKER_URL : undefined)
  if (url) return { url, keys, ca: environment.env.NETBEHAVE_BROKER_CA ?? '' }
  const running = requireRunningCopy(await chooseDataDir(data, environment))
  return { url: running.nats, keys: running.keys ?? keys, ca: '' }
}

/** Connects as a role to `url`, or to the broker of the copy that runs on the data folder. */
export async function connectToCopy(options: CopyOptions, role: Role, environment: Environment): Promise<Broker> {
  const { url: brokerUrl, keys: brokerKeys, ca: brokerCa } = await chooseBroker(options, environment)
  return connectNow({ brokerUrl, brokerKeys, brokerCa }, role, environment)
}

/** Connects within ten seconds, or fails with one sentence that says why not. */
export async function connectNow(
  address: Omit<BrokerConfig, 'instance' | 'giveUp'>,
  role: Role,
  { stderr }: Pick<Environment, 'stderr'>,
): Promise<Broker> {
  let isTold = false
  const tell = (_fields: object, message: string) => isTold && stderr.write(`netbehave: ${message}\n`)
  const log: BrokerLog = { info: tell, warn: tell, error: tell }
  const broker = connectWithKey({ ...address, instance: `cli-${process.pid}`, giveUp: true }, role, log)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(
      resolve,
      CONNECT_MS,
      `the broker at ${address.brokerUrl} does not answer; is NetBehave running there?`,
    )
  })
  const fault = await Promise.race([
    broker.connected.then(
      () => undefined,
      (error: Error) => error.message,
    ),
    late,
  ])
  clearTimeout(timer)
  if (fault === undefined) {
    isTold = true
    return broker
  }
  await broker[Symbol.asyncDispose]()
  throw new CommandError(fault, EXIT.unavailable)
}

function connectWithKey(config: BrokerConfig, role: Role, log: BrokerLog): Broker {
  try {
    return connectBroker(config, role, log)
  } catch (error) {
    if (!(error instanceof KeyError)) throw error
    throw new CommandError(error.message, EXIT.config, { cause: error })
  }
}
