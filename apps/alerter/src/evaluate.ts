// Step evaluate: which alerts tell of a notice, on which channels, in which words. In: a notice. Out: what to tell. Fails: never.
import { type CompiledFilter, compile, parse } from '@netbehave/filter'
import type { AlertChannel, Severity } from '@netbehave/schema'
import { type AlertConfig, alertName } from './alert-config.ts'
import { KINDS } from './kinds.ts'
import type { Notice } from './notice.ts'
import { parseTemplate, type Template } from './template.ts'
import { oneLine } from './text.ts'

/** One message for one channel. */
export interface Wanted {
  readonly alert: string
  readonly channel: AlertChannel
  readonly severity: Severity
  readonly maxPerHour: number
  /** Never at once. */
  readonly digest: boolean
  readonly subject: string
  readonly text: string
  /** In a digest. */
  readonly line: string
}

export interface Evaluation {
  readonly wanted: readonly Wanted[]
  /** Channels that a rule names and that have no address. */
  readonly missing: readonly AlertChannel[]
}

export type Evaluate = (notice: Notice) => Evaluation

const LONGEST_SUBJECT = 150

interface CompiledAlert {
  readonly config: AlertConfig
  readonly filter: CompiledFilter | undefined
  readonly subject: Template
  readonly text: Template
  readonly line: Template
}

/** Alerts are asked in their order; a channel is told by the first that wants it, so nobody is told twice of one thing. */
export function createEvaluate(alerts: readonly AlertConfig[], configured: readonly AlertChannel[]): Evaluate {
  const compiled = alerts.map(compileAlert)

  return (notice) => {
    const wanted: Wanted[] = []
    const claimed = new Set<AlertChannel>()
    for (const alert of compiled) {
      if (alert.config.on !== notice.kind || !matches(alert, notice)) continue
      for (const channel of channelsOf(alert.config, notice)) {
        if (claimed.has(channel) || !configured.includes(channel)) continue
        claimed.add(channel)
        wanted.push(word(alert, channel, notice))
      }
    }
    return { wanted, missing: (notice.channels ?? []).filter((channel) => !configured.includes(channel)) }
  }

  function channelsOf(config: AlertConfig, { channels: named }: Notice): readonly AlertChannel[] {
    const channels = config.channels ?? configured
    return named ? channels.filter((channel) => named.includes(channel)) : channels
  }
}

function compileAlert(config: AlertConfig): CompiledAlert {
  const kind = KINDS[config.on]
  return {
    config,
    filter: config.filter === '' ? undefined : compile(parse(config.filter)),
    subject: parseTemplate(config.subject ?? kind.subject, kind.values),
    text: parseTemplate(config.text ?? kind.text, kind.values),
    line: parseTemplate(kind.line, kind.values),
  }
}

function matches({ filter }: CompiledAlert, { flow }: Notice): boolean {
  return filter === undefined || flow === undefined || filter.bind(flow)(0)
}

function word({ config, subject, text, line }: CompiledAlert, channel: AlertChannel, notice: Notice): Wanted {
  const { facts } = notice
  return {
    alert: alertName(config),
    channel,
    severity: config.severity ?? notice.severity,
    maxPerHour: config.maxPerHour,
    digest: config.digest,
    subject: oneLine(subject.render(facts), LONGEST_SUBJECT),
    text: text.render(facts),
    line: oneLine(line.render(facts), 400),
  }
}
