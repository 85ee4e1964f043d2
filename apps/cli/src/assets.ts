// What is on the networks, asked of the running asset service: list, show, set, forget. Fails: CommandError, with what the service says.
import { ask, type Broker, RequestFault } from '@netbehave/broker'
import {
  type Asset,
  type AssetDetail,
  type AssetEdit,
  type AssetField,
  type AssetKey,
  IPAM_EDIT,
  IPAM_FORGET,
  IPAM_GET,
  IPAM_LIST,
  MAX_ASSET_PAGE,
  MAX_ENTRIES,
  type RequestContract,
} from '@netbehave/schema'
import type { z } from 'zod'
import { connectToCopy } from './broker-client.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { countOf, formatBytes, formatCount, formatDuration, formatTime } from './output/numbers.ts'
import { printable } from './output/printable.ts'
import { createPrinter } from './output/printer.ts'
import { protocolName } from './output/protocols.ts'
import { formatTable, type TableColumn } from './output/table.ts'

export interface AssetsOptions {
  data?: string
  broker?: string
  site?: string
}
export interface ListOptions extends AssetsOptions {
  output: 'line' | 'json' | 'csv'
  tag?: string
  active?: true
  inactive?: true
}
export interface ShowOptions extends AssetsOptions {
  output: 'line' | 'json'
}
export interface SetOptions extends ShowOptions, Omit<AssetEdit, 'tags'> {
  tags?: string[]
  unlock?: AssetField[]
}

const TIMEOUT_MS = 10_000

export async function listAssets(
  text: string | undefined,
  options: ListOptions,
  environment: Environment,
): Promise<void> {
  const { stdout, stderr, now } = environment
  await using broker = await connectToCopy(options, 'analyst', environment)
  const { site, tag } = options
  const filter = {
    ...(site !== undefined && { site }),
    ...(tag !== undefined && { tag }),
    ...(text !== undefined && { text }),
    ...((options.active || options.inactive) && { active: options.active === true }),
  }
  const assets: Asset[] = []
  const printer = createPrinter(stdout)
  const csv = options.output === 'csv' ? await import('./assets-csv.ts') : undefined
  if (csv) await printer.line(csv.CSV_HEADING.slice(0, -1).join(','))
  for (let after: AssetKey | null | undefined; after !== null; ) {
    const page: z.output<typeof IPAM_LIST.reply> = await request(broker, IPAM_LIST, {
      ...filter,
      limit: MAX_ASSET_PAGE,
      ...(after && { after }),
    })
    for (const asset of page.assets) {
      if (options.output === 'json') await printer.line(JSON.stringify(asset))
      else if (csv) await printer.line(csv.csvLine({ ...asset, locked: [] }).slice(0, -1))
      else assets.push(asset)
    }
    after = page.next
  }
  await printer.flush()
  if (options.output !== 'line') return
  if (assets.length === 0) stderr.write('no asset fits\n')
  else stdout.write(`${formatTable(columns(now()), assets).join('\n')}\n`)
}

const columns = (nowMs: number): TableColumn<Asset>[] => [
  { heading: 'ADDRESS', value: ({ ip }) => ip },
  { heading: 'SITE', value: ({ site }) => site },
  { heading: 'NAME', value: ({ name, hostname }) => name || hostname },
  { heading: 'MAC', value: ({ mac }) => mac ?? '' },
  { heading: 'VENDOR', value: vendorOf },
  { heading: 'OWNER', value: ({ owner }) => owner },
  { heading: 'TYPE', value: ({ type }) => type },
  { heading: 'TAGS', value: ({ tags }) => tags.join(', ') },
  { heading: 'SEEN', value: ({ lastMs }) => `${formatDuration(Math.max(0, nowMs - lastMs))} ago` },
]

const vendorOf = ({ vendor, macRandom }: Asset): string => (macRandom ? '(random MAC)' : vendor)

export async function showAsset(ip: string, options: ShowOptions, environment: Environment): Promise<void> {
  await using broker = await connectToCopy(options, 'analyst', environment)
  print(await getAsset(broker, ip, options.site), options, environment)
}

/** With the version that is there now: what another person changes in between is told, not overwritten. */
export async function setAsset(ip: string, options: SetOptions, environment: Environment): Promise<void> {
  const { hostname, name, owner, type, note, tags, unlock = [] } = options
  const all = { hostname, name, owner, type, note, tags }
  const set = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as AssetEdit
  if (Object.keys(set).length + unlock.length === 0)
    throw new CommandError(
      'say what to set: --name, --owner, --type, --note, --tags, --hostname or --unlock',
      EXIT.usage,
    )
  await using broker = await connectToCopy(options, 'admin', environment)
  const { site, version } = await getAsset(broker, ip, options.site)
  print(await request(broker, IPAM_EDIT, { site, ip, version, set, unlock }), options, environment)
}

export async function forgetAssets(
  ips: readonly string[],
  options: AssetsOptions,
  environment: Environment,
): Promise<void> {
  await using broker = await connectToCopy(options, 'admin', environment)
  const assets: AssetKey[] = []
  for (const ip of ips) assets.push({ ip, site: options.site ?? (await getAsset(broker, ip, undefined)).site })
  let forgotten = 0
  for (let at = 0; at < assets.length; at += MAX_ENTRIES)
    forgotten += (await request(broker, IPAM_FORGET, { assets: assets.slice(at, at + MAX_ENTRIES) })).forgotten
  if (forgotten < assets.length)
    throw new CommandError(
      `${countOf(assets.length - forgotten, 'address was', 'addresses were')} no asset`,
      EXIT.noInput,
    )
  environment.stdout.write(`${countOf(forgotten, 'asset')} forgotten\n`)
}

const getAsset = (broker: Broker, ip: string, site: string | undefined): Promise<AssetDetail> =>
  request(broker, IPAM_GET, { ip, ...(site !== undefined && { site }) })

const EXITS: Readonly<Record<number, number>> = { 400: EXIT.usage, 404: EXIT.noInput, 409: EXIT.data }

/** Asks the asset service; its faults are sentences already. */
export async function request<Request extends z.ZodType, Reply extends z.ZodType>(
  broker: Broker,
  contract: RequestContract<Request, Reply>,
  body: z.input<Request>,
  timeoutMs = TIMEOUT_MS,
): Promise<z.output<Reply>> {
  try {
    return await ask(broker, contract, body, { timeoutMs })
  } catch (error) {
    if (!(error instanceof RequestFault)) throw error
    throw new CommandError(printable(error.message), EXITS[error.code] ?? EXIT.unavailable, { cause: error })
  }
}

function print(asset: AssetDetail, options: ShowOptions, { stdout, now }: Environment): void {
  const text = options.output === 'json' ? JSON.stringify(asset) : describe(asset, now()).join('\n')
  stdout.write(`${text}\n`)
}

function describe(asset: AssetDetail, nowMs: number): string[] {
  const origins = new Map<string, string>(
    asset.origins.map(({ field, source, locked }) => [field, `  (${source}${locked ? ', locked' : ''})`]),
  )
  const said = (field: AssetField, value: string): string => `${value}${origins.get(field) ?? ''}`
  const lines: [string, string][] = [
    ['address', `${asset.ip} at ${asset.site}`],
    ['name', said('name', asset.name)],
    ['hostname', said('hostname', asset.hostname)],
    ['owner', said('owner', asset.owner)],
    ['type', said('type', asset.type)],
    ['tags', said('tags', asset.tags.join(', '))],
    ['note', said('note', asset.note)],
    ['seen', `${formatTime(asset.firstMs)} to ${formatTime(asset.lastMs)}${asset.active ? '' : ', not active'}`],
    ['traffic', `${countOf(asset.flows, 'flow')}, ${formatBytes(asset.bytes)}`],
    ...asset.macs.map((seen): [string, string] => {
      const words = [seen.router ? '(a router)' : seen.random ? '(random MAC)' : seen.vendor]
      const now = seen.mac === asset.mac ? '' : `until ${formatDuration(Math.max(0, nowMs - seen.lastMs))} ago`
      return ['MAC', [seen.mac, ...words, now].filter((word) => word !== '').join('  ')]
    }),
    ...(['served', 'used'] as const).flatMap((side): [string, string][] => {
      const ports = asset.ports.filter((port) => port.side === side)
      const text = ports.map(({ protocol, port, hits }) => `${protocolName(protocol)}/${port} (${formatCount(hits)})`)
      return ports.length > 0 ? [[side, text.join(', ')]] : []
    }),
  ]
  return lines.filter(([, value]) => value !== '').map(([name, value]) => `${name.padEnd(9)} ${printable(value)}`)
}
