// Who holds addresses, asked of the whois service; what it does not know yet is waited for. Fails: CommandError when no service
// answers, with how to switch it on, and when an answer did not come in time.
import { ask, type Broker, RequestFault } from '@netbehave/broker'
import { MAX_ENTRIES, WHOIS_LOOKUP, type WhoisLookupReply } from '@netbehave/schema'
import { connectToCopy } from './broker-client.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { formatTable, type TableColumn } from './output/table.ts'
import { wait } from './up/wait.ts'

export interface WhoisOptions {
  data?: string
  broker?: string
  output: 'table' | 'json'
  /** Seconds. */
  wait: number
}

type Answer = WhoisLookupReply['holders'][number] & { address: string }

const ASK_AGAIN_MS = 250
const SWITCH_ON =
  'whois is off: it tells the registries which addresses you see. To switch it on, write "whois: { enabled: true }" into netbehave.yaml, or set WHOIS_ENABLED=true, and start NetBehave again'

export async function showHolders(
  addresses: readonly string[],
  options: WhoisOptions,
  environment: Environment,
): Promise<void> {
  const { stdout, stderr, stop } = environment
  if (addresses.length > MAX_ENTRIES)
    throw new CommandError(
      `${addresses.length} addresses are too many at once; give at most ${MAX_ENTRIES}`,
      EXIT.usage,
    )
  await using broker = await connectToCopy(options, 'analyst', environment)
  const giveUpAt = performance.now() + options.wait * 1000
  let answers = await lookUp(broker, addresses)
  while (answers.some(({ state }) => state === 'queued') && performance.now() < giveUpAt && !stop.aborted) {
    await wait(ASK_AGAIN_MS, stop)
    answers = await lookUp(broker, addresses)
  }
  if (options.output === 'json')
    stdout.write(`${JSON.stringify({ holders: answers.map(({ holder, ...rest }) => ({ ...rest, ...holder })) })}\n`)
  else stdout.write(`${formatTable(COLUMNS, answers).join('\n')}\n`)
  if (answers.some(({ state }) => state === 'off')) stderr.write(`netbehave: ${SWITCH_ON}\n`)
  const late = answers.filter(({ state }) => state === 'queued').length
  if (late > 0) {
    const which = late === 1 ? '1 address is' : `${late} addresses are`
    throw new CommandError(`${which} still being asked for; ask again, or wait longer with --wait`, EXIT.unavailable)
  }
}

async function lookUp(broker: Broker, addresses: readonly string[]): Promise<Answer[]> {
  try {
    const { holders } = await ask(broker, WHOIS_LOOKUP, { addresses: [...addresses] }, { timeoutMs: 5_000 })
    return addresses.map((address, i) => ({ address, ...(holders[i] ?? { state: 'none', holder: null }) }))
  } catch (error) {
    if (!(error instanceof RequestFault)) throw error
    const nobodyServes = error.code === 503 && /^nobody serves/.test(error.message)
    throw new CommandError(nobodyServes ? SWITCH_ON : error.message, EXIT.unavailable, { cause: error })
  }
}

const WITHOUT_HOLDER = {
  known: '',
  none: '(nobody: private, reserved, or in no registry)',
  queued: '(being asked for)',
  off: '(not known, and whois is off)',
} as const

const COLUMNS: readonly TableColumn<Answer>[] = [
  { heading: 'ADDRESS', value: ({ address }) => address },
  { heading: 'NAME', value: ({ state, holder }) => holder?.name ?? WITHOUT_HOLDER[state] },
  { heading: 'ORGANISATION', value: ({ holder }) => holder?.org ?? '' },
  { heading: 'COUNTRY', value: ({ holder }) => holder?.country ?? '' },
  { heading: 'FROM', value: ({ holder }) => holder?.startAddress ?? '' },
  { heading: 'TO', value: ({ holder }) => holder?.endAddress ?? '' },
  { heading: 'REGISTRY', value: ({ holder }) => holder?.registry ?? '' },
]
