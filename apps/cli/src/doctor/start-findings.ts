// Where nothing runs: what a start would run into. In: the configuration, the machine. Out: findings; that nothing runs is the first.
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import type { HealthFinding } from '@netbehave/schema/api'
import { effectiveConfiguration } from '../configuration.ts'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { readRunFile } from '../run-file.ts'
import { hostFindings, takenPortFindings } from './host-findings.ts'
import type { HostFacts } from './read-host.ts'

export async function examineStart(
  dataDir: string,
  facts: HostFacts,
  environment: Environment,
): Promise<HealthFinding[]> {
  return [
    notRunning(dataDir),
    ...folderFindings(dataDir),
    ...programFindings(environment.env),
    ...(await configurationFindings(facts, environment)),
    ...hostFindings(facts),
  ]
}

function notRunning(dataDir: string): HealthFinding {
  const died = readRunFile(dataDir) !== undefined
  return {
    id: 'not-running',
    level: 'bad',
    about: 'netbehave up',
    sentence: died
      ? `no NetBehave runs on ${dataDir}, and the last one did not stop in order: it was killed, or the machine went down`
      : `no NetBehave runs on ${dataDir}`,
    remedy: `start it with "netbehave up --data ${dataDir}", or name the folder of one that runs with --data`,
  }
}

function folderFindings(dataDir: string): HealthFinding[] {
  let folder = dataDir
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder)
  try {
    accessSync(folder, constants.W_OK)
    return []
  } catch {
    return [
      {
        id: 'folder-read-only',
        level: 'bad',
        about: dataDir,
        sentence: `the folder ${folder} cannot be written by this user`,
        remedy: 'choose another with --data, or give this user the right to write there',
      },
    ]
  }
}

function programFindings({ NATS_SERVER_BIN, PATH = '' }: Environment['env']): HealthFinding[] {
  const binary = NATS_SERVER_BIN || 'nats-server'
  const places = binary.includes('/') ? [binary] : PATH.split(delimiter).map((folder) => join(folder, binary))
  if (places.some((place) => existsSync(place))) return []
  return [
    {
      id: 'no-nats-server',
      level: 'bad',
      about: 'nats-server',
      sentence: `nats-server is not there (looked for ${binary})`,
      remedy: 'start through ./netbehave, which brings it, or name it in NATS_SERVER_BIN',
    },
  ]
}

/** Mistakes in netbehave.yaml and the environment; without any, whether the ports are free that they name. */
async function configurationFindings(facts: HostFacts, { env }: Environment): Promise<HealthFinding[]> {
  try {
    const { up, collector, 'search-gw': gateway } = await effectiveConfiguration(undefined, env)
    const text = (value: unknown) => (Array.isArray(value) ? value.map(String) : [String(value)])
    return takenPortFindings(facts, {
      udp: text(up?.listen ?? collector?.listen ?? []),
      tcp: [...text(up?.nats ?? []), ...text(up?.http ?? gateway?.listen ?? [])],
    })
  } catch (error) {
    if (!(error instanceof CommandError) || error.exitCode !== EXIT.config) throw error
    return [
      {
        id: 'configuration',
        level: 'bad',
        about: 'netbehave.yaml',
        sentence: error.message.replaceAll(/\n\s*/g, ' '),
        remedy: '"netbehave config check" lists each with its key; docs/configuration.md has what may stand there',
      },
    ]
  }
}
