// netbehave broker check: asks the broker that runs as every role what that role may, and prints who may what. Nothing is done by
// asking (libs/broker/src/roles/probe.ts). Fails: CommandError 1 when something is not as expected, 69 when the broker does not answer.
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import {
  type AccessAnswer,
  accessMatrix,
  type Broker,
  ConnectFault,
  connectBroker,
  differences,
  KeyError,
  listKeys,
  type MatrixRow,
  probeAccess,
  readPublicKey,
  unservedSubjects,
} from '@netbehave/broker'
import { chooseDataDir, requireRunningCopy } from '../data-dir.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { formatTable } from '../output/table.ts'
import { chooseHub } from './choose-hub.ts'
import { type HubKey, hubKeys } from './hub-folder.ts'
import { type HubSettings, requireHubSettings } from './hub-settings.ts'

export interface CheckOptions {
  readonly dir?: string
  readonly data?: string
  readonly brokerUrl?: string
  readonly output: 'table' | 'json'
}

/** As `AccessAnswer`; action `connect`, with no subject, is signing in with the role's key. */
type Answer = Omit<AccessAnswer, 'action'> & { readonly action: AccessAnswer['action'] | 'connect' }

interface Target {
  readonly brokerUrl: string
  readonly brokerCa: string
  readonly keys: readonly HubKey[]
  readonly matrix: readonly MatrixRow[]
  /** What brings a broker back to what is expected. */
  readonly remedy: string
}

const CONNECT_MS = 20_000
const quiet = { info() {}, warn() {}, error() {} }

export async function checkBroker(options: CheckOptions, environment: Environment): Promise<void> {
  const target = await chooseTarget(options, environment)
  const { connected, refused } = await signIn(target)
  try {
    const asked = await Promise.all(
      connected.map(async ({ key, broker }) => probeAccess(key, await broker.connected, target.matrix)),
    )
    const answers = asked.flat()
    const signIns = target.keys.map(({ key }): Answer => {
      return {
        role: key,
        action: 'connect',
        subject: '',
        expected: 'allowed',
        got: refused.has(key) ? 'refused' : 'allowed',
      }
    })
    const wrong = [...signIns.filter(({ got }) => got === 'refused'), ...differences(answers)]
    const { stdout, stderr } = environment
    if (options.output === 'json') stdout.write(`${JSON.stringify([...signIns, ...answers])}\n`)
    else stdout.write(`${describe(answers, target.keys.length).join('\n')}\n`)
    const unserved = unservedSubjects(answers)
    if (unserved.length > 0)
      stderr.write(`netbehave: nobody answers now on ${unserved.join(' ')}, so who may ask there is not known\n`)
    if (wrong.length === 0) return
    const lines = wrong.map(sentence)
    throw new CommandError(
      `${lines.length === 1 ? '' : `${lines.length} differences:\n  `}${lines.join('\n  ')}\n${target.remedy}`,
      EXIT.failed,
    )
  } finally {
    await Promise.all(connected.map(({ broker }) => broker[Symbol.asyncDispose]()))
  }
}

async function chooseTarget(options: CheckOptions, environment: Environment): Promise<Target> {
  if (options.dir !== undefined) {
    const { dir } = options
    const { brokerUrl, brokerCa } = chooseHub(options, environment)
    const settings = requireHubSettings(dir)
    const remedy = `The configuration that nats-server runs with is not that of ${resolve(dir)}: netbehave broker init --dir ${dir} writes it anew, nats-server --signal reload has it read.`
    const keys = hubKeys(resolve(dir), settings)
    return { brokerUrl, brokerCa, keys, matrix: accessMatrix(settings.sites, settings.leafSites), remedy }
  }
  const dataDir = await chooseDataDir(options.data, environment)
  const { nats, keys: dir = '' } = requireRunningCopy(dataDir)
  const { sites, leafSites } = sitesOfCopy(dataDir)
  const keys = hubKeys('', { sites, leafSites }).map((key) => ({ ...key, dir }))
  const remedy = 'The configuration that nats-server runs with was changed: stop netbehave up and start it again.'
  return { brokerUrl: nats, brokerCa: '', keys, matrix: accessMatrix(sites, leafSites), remedy }
}

/** Sites whose keys nats-server was started with; others may be left from before a site had another name. */
function sitesOfCopy(dataDir: string): Pick<HubSettings, 'sites' | 'leafSites'> {
  const natsDir = join(dataDir, 'nats')
  const keys = join(natsDir, 'keys')
  const conf = readFileSync(join(natsDir, 'nats.conf'), 'utf8')
  const known = listKeys(keys).filter((key) => conf.includes(readPublicKey(keys, key)))
  if (!known.includes('enricher'))
    throw new CommandError(
      `the copy on ${dataDir} runs a site's nats-server, which has no roles but the collector's: ask at the hub`,
      EXIT.usage,
    )
  const sitesOf = (role: string) =>
    known.flatMap((key) => (key.startsWith(`${role}-`) ? key.slice(role.length + 1) : []))
  return { sites: sitesOf('collector'), leafSites: sitesOf('leaf') }
}

/** Connects as every role at once. Throws when the broker does not answer, or shows another certificate. */
async function signIn({ brokerUrl, brokerCa, keys }: Target) {
  const brokers = keys.map(({ role, key, dir, site }) => {
    const address = { brokerUrl, brokerCa, brokerKeys: dir, site, instance: 'check', giveUp: true }
    return { key, broker: openBroker(address, role) }
  })
  const signal = AbortSignal.timeout(CONNECT_MS)
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () =>
      reject(
        new CommandError(`the broker at ${brokerUrl} does not answer; is nats-server running there?`, EXIT.unavailable),
      ),
    )
  })
  const refused = new Set<string>()
  try {
    await Promise.race([Promise.all(brokers.map(({ key, broker }) => wait(key, broker))), late])
  } catch (error) {
    await Promise.all(brokers.map(({ broker }) => broker[Symbol.asyncDispose]()))
    throw error
  }
  return { connected: brokers.filter(({ key }) => !refused.has(key)), refused }

  async function wait(key: string, broker: Broker): Promise<void> {
    try {
      await broker.connected
    } catch (error) {
      if (!(error instanceof ConnectFault)) throw error
      if (error.kind !== 'refused') throw new CommandError(error.message, EXIT.unavailable, { cause: error })
      refused.add(key)
    }
  }
}

function openBroker(
  ...[address, role]: [Parameters<typeof connectBroker>[0], Parameters<typeof connectBroker>[1]]
): Broker {
  try {
    return connectBroker(address, role, quiet)
  } catch (error) {
    if (!(error instanceof KeyError)) throw error
    throw new CommandError(error.message, EXIT.config, { cause: error })
  }
}

/** A row a subject with the roles that may, as the broker answered. */
function describe(answers: readonly AccessAnswer[], roles: number): string[] {
  const rows = new Map<string, { action: string; subject: string; may: string[]; isKnown: boolean }>()
  for (const { role, action, subject, got } of answers) {
    const row = rows.get(`${action} ${subject}`) ?? { action, subject, may: [], isKnown: true }
    rows.set(`${action} ${subject}`, row)
    if (got === 'allowed') row.may.push(role)
    if (got === 'unserved') row.isKnown = false
  }
  const table = formatTable(
    [
      { heading: 'MAY', value: ({ action }) => action },
      { heading: 'SUBJECT', value: ({ subject }) => subject },
      { heading: 'ROLES', value: ({ may, isKnown }) => (isKnown ? may.join(' ') || '-' : '?') },
    ],
    [...rows.values()],
  )
  return [...table, '', `${answers.length} questions as ${roles} roles`]
}

function sentence({ role, action, subject, expected, got }: Answer): string {
  if (action === 'connect') return `the broker does not know the key of ${role}`
  const doing = { publish: 'publish to', subscribe: 'subscribe to', request: 'ask on' }[action]
  if (expected === 'refused') return `${role} may ${doing} ${subject}, and should not`
  return got === 'unserved'
    ? `${role} gets no answer on ${subject}, and others do`
    : `${role} may not ${doing} ${subject}, and should`
}
