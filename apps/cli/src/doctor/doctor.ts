// `netbehave doctor`: what is wrong, in the sentences of the console's Health page, and what only this machine can tell; with what to
// do. Fails: CommandError 1, without another sentence, when something is wrong; notes alone are no fault.
import { FINDING_LEVELS, type HealthFinding } from '@netbehave/schema/api'
import type { CopyOptions } from '../broker-client.ts'
import { chooseDataDir } from '../data-dir.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { countOf } from '../output/numbers.ts'
import { printable } from '../output/printable.ts'
import { findRunningCopy } from '../run-file.ts'
import { examineCopy } from './copy-findings.ts'
import { firewallFindings, hostFindings, openPortFindings } from './host-findings.ts'
import { type HostFacts, readHost } from './read-host.ts'
import { examineStart } from './start-findings.ts'

export interface DoctorOptions extends CopyOptions {
  output: 'table' | 'json'
}

interface Examination {
  readonly findings: readonly HealthFinding[]
  /** What was looked at, in a few words. */
  readonly about: string
}

const WORDS: Readonly<Record<HealthFinding['level'], string>> = { bad: 'WRONG', warning: 'WARNING', note: 'NOTE' }

export async function showDoctor(options: DoctorOptions, environment: Environment): Promise<void> {
  const { stdout } = environment
  const { findings: all, about } = await examine(options, environment)
  const findings = all.toSorted((a, b) => FINDING_LEVELS.indexOf(a.level) - FINDING_LEVELS.indexOf(b.level))
  const isWrong = findings.some(({ level }) => level !== 'note')
  if (options.output === 'json')
    stdout.write(`${JSON.stringify({ status: isWrong ? 'degraded' : 'ok', about, findings })}\n`)
  else
    stdout.write(`${formatFindings(findings)}${isWrong ? '' : 'nothing is wrong'}${isWrong ? about : `: ${about}`}\n`)
  if (isWrong) throw new CommandError('', EXIT.failed)
}

async function examine(options: DoctorOptions, environment: Environment): Promise<Examination> {
  if (options.broker !== undefined) {
    const { findings, apps, exporters } = await examineCopy(options, undefined, environment)
    return { findings, about: `${options.broker}: ${summary(apps, exporters)}` }
  }
  const dataDir = await chooseDataDir(options.data, environment)
  const facts = await readHost(dataDir)
  const running = findRunningCopy(dataDir)
  if (!running)
    return { findings: await examineStart(dataDir, facts, environment), about: `nothing runs on ${dataDir}` }
  const { findings, apps, exporters } = await examineCopy(options, running, environment)
  const collector = running.collector ?? []
  const own = [
    ...hostFindings(facts),
    ...openPortFindings(facts, collector),
    ...(exporters === 0 ? firewallFindings(facts, collector) : []),
  ]
  return {
    // What the apps tell of the disk is closer; what the machine tells of the buffer has the line to type.
    findings: [
      ...findings.filter(({ id }) => !isBetterTold(id, facts)),
      ...own.filter(({ id }) => !isKnown(id, findings)),
    ],
    about: `process ${running.pid} on ${dataDir}: ${summary(apps, exporters)}`,
  }
}

const isBetterTold = (id: string, { rmemMaxBytes }: HostFacts): boolean =>
  id === 'receive-buffer' && rmemMaxBytes !== undefined && hostFindings({ rmemMaxBytes }).length > 0

const isKnown = (id: string, findings: readonly HealthFinding[]): boolean =>
  id === 'disk-low' && findings.some((finding) => finding.id === 'disk-low' || finding.id === 'disk-full')

const summary = (apps: number, exporters: number): string =>
  `${countOf(apps, 'app answers', 'apps answer')}, ${countOf(exporters, 'exporter has', 'exporters have')} sent something`

/** A finding is two lines: what is wrong, what to do. */
function formatFindings(findings: readonly HealthFinding[]): string {
  return findings
    .map(({ level, about, sentence, remedy }) => {
      const subject = sentence.includes(about) || about === 'this machine' ? '' : `${about}: `
      return `${WORDS[level].padEnd(8)} ${printable(`${subject}${sentence}`)}\n         ${printable(remedy)}\n\n`
    })
    .join('')
}
