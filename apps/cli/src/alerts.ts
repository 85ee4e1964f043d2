// What people are told, asked of the running alerter. Fails: CommandError when none answers, with how to set one up, and with what it
// refuses.
import { ask, type Broker, RequestFault, type Role } from '@netbehave/broker'
import {
  ALERTS_INFO,
  ALERTS_LEARNED,
  ALERTS_LIST,
  ALERTS_MUTE,
  ALERTS_RESEND,
  ALERTS_TEST,
  ALERTS_UNMUTE,
  type AlertChannel,
  type Delivery,
  type DeliveryState,
  MAX_DELIVERIES,
  type MuteTarget,
  type RequestContract,
} from '@netbehave/schema'
import type { z } from 'zod'
import { connectToCopy } from './broker-client.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { formatDuration } from './output/numbers.ts'
import { printable } from './output/printable.ts'

export interface AlertsOptions {
  data?: string
  broker?: string
  output: 'line' | 'json'
}
export interface ListOptions extends AlertsOptions {
  state?: DeliveryState
  lines: number
}
export interface MuteOptions extends AlertsOptions {
  /** Milliseconds. */
  for?: number
}

const SET_UP =
  'no alerter answers. It runs when a channel has an address: set SMTP_SERVER and SMTP_RECIPIENT, or write section alerter into netbehave.yaml (docs/alerts.md), look at it with netbehave config check, and start NetBehave again'
/** A channel has up to a minute to take a message. */
const TEST_TIMEOUT_MS = 65_000

export async function listAlerts(options: ListOptions, environment: Environment): Promise<void> {
  const { stdout, now } = environment
  await using broker = await connectToCopy(options, 'analyst', environment)
  const info = await request(broker, ALERTS_INFO, {})
  const deliveries: Delivery[] = []
  let waiting = 0
  let undelivered = 0
  let before: number | null = Number.MAX_SAFE_INTEGER
  while (before !== null && deliveries.length < options.lines) {
    const limit = Math.min(MAX_DELIVERIES, options.lines - deliveries.length)
    const page: z.output<typeof ALERTS_LIST.reply> = await request(broker, ALERTS_LIST, {
      ...(options.state && { state: options.state }),
      ...{ before, limit },
    })
    deliveries.push(...page.deliveries)
    before = page.next
    waiting = page.waiting
    undelivered = page.undelivered
  }
  if (options.output === 'json') {
    stdout.write(`${JSON.stringify({ deliveries, waiting, undelivered, ...info })}\n`)
    return
  }
  const lines = deliveries.map(describeDelivery)
  if (lines.length === 0) lines.push(options.state ? `no message is ${options.state}` : 'no message yet')
  stdout.write(
    `${[...lines, '', ...describeInfo(info, now()), `${waiting} waiting, ${undelivered} undelivered`].join('\n')}\n`,
  )
}

function describeDelivery({ id, channel, state, severity, subject, madeMs, tries, error }: Delivery): string {
  const made = new Date(madeMs).toISOString().slice(0, 19).replace('T', ' ')
  const why = error === '' ? '' : `  (${tries} ${tries === 1 ? 'try' : 'tries'}: ${error})`
  return printable(`${id}  ${made}Z  ${channel}  ${state}  ${severity}  ${subject}${why}`)
}

function describeInfo(info: z.output<typeof ALERTS_INFO.reply>, nowMs: number): string[] {
  const left = (ms: number) => formatDuration(Math.max(0, ms - nowMs))
  return [
    ...info.channels.map(({ channel, target, error, waiting }) =>
      printable(`${channel} to ${target}: ${error === '' ? 'works' : `does not work: ${error}`}, ${waiting} waiting`),
    ),
    ...info.digests.map(
      ({ channel, reason, total, dueMs }) =>
        `digest (${reason}) by ${channel}: ${total} so far, sent in ${left(dueMs)}`,
    ),
    ...info.mutes.map(({ target, value, untilMs }) =>
      printable(`muted: ${target} ${value}${untilMs === null ? '' : `, ${left(untilMs)} more`}`),
    ),
    ...(info.mutesLeftOut > 0 ? [`${info.mutesLeftOut} more mutes`] : []),
    ...(info.learningUntilMs === null
      ? []
      : [
          `learning for ${left(info.learningUntilMs)} more: what is new is collected (netbehave alerts learned ends it)`,
        ]),
  ]
}

export async function testChannel(
  channel: AlertChannel,
  options: AlertsOptions,
  environment: Environment,
): Promise<void> {
  const { target } = await change(ALERTS_TEST, { channel }, options, environment, TEST_TIMEOUT_MS)
  write({ channel, target }, `${channel} took a test message: ${target}`, options, environment)
}

export async function mute(
  target: MuteTarget,
  value: string,
  options: MuteOptions,
  environment: Environment,
): Promise<void> {
  const untilMs = options.for === undefined ? null : environment.now() + options.for
  const muted = await change(ALERTS_MUTE, { target, value, untilMs }, options, environment)
  const time = options.for === undefined ? '' : ` for ${formatDuration(options.for)}`
  write(muted, `nothing more is said of ${target} ${muted.value}${time}`, options, environment)
}

export async function unmute(
  target: MuteTarget,
  value: string,
  options: AlertsOptions,
  environment: Environment,
): Promise<void> {
  await change(ALERTS_UNMUTE, { target, value }, options, environment)
  write({ target, value }, `${target} ${value} is told of again`, options, environment)
}

export async function resend(
  ids: readonly number[] | undefined,
  options: AlertsOptions,
  environment: Environment,
): Promise<void> {
  const wanted = ids === undefined || ids.length === 0 ? {} : { ids: [...ids] }
  const { resent } = await change(ALERTS_RESEND, wanted, options, environment)
  const told =
    resent === 0
      ? 'nothing is undelivered'
      : `${resent} messages are tried again; netbehave alerts ls shows how it goes`
  write({ resent }, told, options, environment)
}

export async function learned(options: AlertsOptions, environment: Environment): Promise<void> {
  const { learned: total } = await change(ALERTS_LEARNED, {}, options, environment)
  const told = total === 0 ? 'nothing was new' : `${total} new things are told in one digest`
  write({ learned: total }, `${told}; from now on what is new is told at once`, options, environment)
}

/** One request as a role that may change something. */
async function change<Request extends z.ZodType, Reply extends z.ZodType>(
  contract: RequestContract<Request, Reply>,
  body: z.input<Request>,
  options: AlertsOptions,
  environment: Environment,
  timeoutMs?: number,
): Promise<z.output<Reply>> {
  const role: Role = 'admin'
  await using broker = await connectToCopy(options, role, environment)
  return await request(broker, contract, body, timeoutMs)
}

async function request<Request extends z.ZodType, Reply extends z.ZodType>(
  broker: Broker,
  contract: RequestContract<Request, Reply>,
  body: z.input<Request>,
  timeoutMs = 10_000,
): Promise<z.output<Reply>> {
  try {
    return await ask(broker, contract, body, { timeoutMs })
  } catch (error) {
    if (!(error instanceof RequestFault)) throw error
    const isNobody = error.code === 503 && /^nobody serves/.test(error.message)
    const exitCode = error.code === 400 ? EXIT.usage : EXIT.unavailable
    throw new CommandError(isNobody ? SET_UP : error.message, exitCode, { cause: error })
  }
}

function write(json: object, line: string, { output }: AlertsOptions, { stdout }: Environment): void {
  stdout.write(output === 'json' ? `${JSON.stringify(json)}\n` : `${printable(line)}\n`)
}
