// `netbehave up`: one box, everything on it. hold the data folder ▸ end orphans ▸ start nats-server ▸ start the apps ▸
// say ready ▸ supervise until told to stop ▸ stop in order. Fails: CommandError, with everything stopped again.
import { join } from 'node:path'
import type { AppName } from '@netbehave/schema'
import { collectGarbageOfStart, createLog, type Log, touchWhileAlive } from '@netbehave/service'
import type { Environment } from '../environment.ts'
import { CommandError, EXIT } from '../exit-codes.ts'
import { type RunFile, removeRunFile, writeRunFile } from '../run-file.ts'
import { chooseSite } from '../sites/choose-site.ts'
import type { SiteFile } from '../sites/site-file.ts'
import { type AppWorker, createAppWorker, type ReadyDetails } from './app-worker.ts'
import { type App, START_ORDER, STOP_ORDER } from './apps.ts'
import { type SupervisedBroker, startBroker } from './broker.ts'
import { askApps } from './check-apps.ts'
import { loadUpConfig, streamBytes, type UpConfig, type UpFlags } from './config.ts'
import { holdDataDir } from './data-dir.ts'
import { configFault, loadOrTellAll } from './findings.ts'
import { hubPlan } from './hub-plan.ts'
import { type AppInstance, instancesOf } from './instances.ts'
import { endOrphans } from './orphans.ts'
import { formatReady, formatReadyJson, type Ready } from './ready.ts'
import { keptInWords, sendToHub } from './send-to-hub.ts'
import { sitePlan } from './site-plan.ts'
import { aborted } from './wait.ts'
import { chooseApps } from './wanted.ts'

export interface UpOptions extends UpFlags {
  readonly apps: readonly App[]
  /** Print the ready line as JSON. */
  readonly json?: boolean
}

interface StartedApp {
  readonly name: AppName
  readonly worker: AppWorker
  /** Once it is ready. */
  details: ReadyDetails | undefined
}

/** A whole stop takes at most 10 s; what is left of it after the apps belongs to nats-server. */
const STOP_APPS_MS = 8_000
/** Each app leaves so much of the time to every app that stops after it. */
const STOP_RESERVE_MS = 500

/** Runs until `environment.stop`. */
export async function up(options: UpOptions, environment: Environment): Promise<void> {
  const { env } = environment
  const { wanted, off } = chooseApps(options.apps, options.config, env)
  const loaded = await loadOrTellAll(() => loadUpConfig(options, env), [...wanted, ...off], appArgv(options), env)
  await tellMistakes(off, options, env)
  const isNamed = options.site !== undefined || env.NETBEHAVE_SITE !== undefined
  const site = chooseSite({ ...loaded, isNamed })
  const config = { ...loaded, site: site?.site ?? loaded.site }
  // A site only collects; everything else is the hub's.
  const apps = site === undefined ? wanted : wanted.filter(({ name }) => name === 'collector')
  const log = createLog('up', config.logLevel)
  using _held = holdDataDir(config.dataDir)
  await using copy = createCopy({ ...options, apps }, config, site, environment, log)
  const ready = await copy.start()
  if (!ready || environment.stop.aborted) return
  using _alive = touchWhileAlive(config.healthFile)
  using _garbage = collectGarbageOfStart()
  environment.stdout.write(options.json ? formatReadyJson(ready) : formatReady(ready, config.dataDir))
  await aborted(environment.stop)
  log.info('stopping')
}

/** One running copy: the hub, or with a site's file the box of that site. */
function createCopy(
  options: UpOptions,
  config: UpConfig,
  site: SiteFile | undefined,
  { env, stop, stderr, now }: Environment,
  log: Log,
) {
  const { dataDir } = config
  const natsDir = join(dataDir, 'nats')
  const deaths: Record<string, number> = {}
  const started: StartedApp[] = []
  let broker: SupervisedBroker | undefined
  let line: AsyncDisposable | undefined
  let running: RunFile | undefined
  const startedMs = now()

  async function start(): Promise<Ready | undefined> {
    await endOrphans({
      dataDir,
      natsDir,
      onOrphan: (pid) => log.warn({ pid }, 'ending the nats-server that an earlier start left behind'),
    })
    broker = await startBroker({
      binary: env.NATS_SERVER_BIN || 'nats-server',
      path: env.PATH ?? '',
      dir: natsDir,
      listen: config.nats,
      plan: site
        ? sitePlan(natsDir, site)
        : hubPlan({ dir: natsDir, site: config.site, streamBytes: streamBytes(config), log, now }),
      instance: config.instance,
      site: config.site,
      log,
      onDeath: () => countDeath('nats-server'),
      onRestart: (natsPid) => remember({ natsPid }),
    })
    const apps = options.apps.map(({ name }) => name)
    running = { pid: process.pid, nats: broker.url, keys: broker.keys, natsPid: broker.pid, startedMs, apps, deaths }
    if (site) line = sendTo(site, broker)
    remember({ ...(site && { hub: { address: site.hub } }) })
    const order = START_ORDER.map((name) => options.apps.find((app) => app.name === name)).filter(
      (app) => app !== undefined,
    )
    const instances = order.flatMap((app) => instancesOf(app, config))
    remember({ instances: instances.map(({ app, instance }) => ({ app: app.name, instance })) })
    await startApps(instances.filter(({ app }) => app.name !== 'collector'))
    // One after the other: those that come later listen where the first does.
    for (const collector of instances.filter(({ app }) => app.name === 'collector')) {
      if (!stop.aborted) await startApps([collector])
    }
    if (stop.aborted) return undefined
    const reached = { nats: broker.url, collector: listening() }
    const http = started.find(({ name }) => name === 'search-gw')?.details?.http
    remember({ collector: reached.collector, ...(http !== undefined && { http: String(http) }) })
    return site ? { ...reached, site: site.site, hub: `tls://${site.hub}` } : { ...reached, http: String(http ?? '') }
  }

  function sendTo({ site: name, hub: address, keepMiB }: SiteFile, server: SupervisedBroker): AsyncDisposable {
    return sendToHub({
      server,
      site: name,
      instance: config.instance,
      hub: address,
      keeps: keptInWords(keepMiB),
      serverLog: join(natsDir, 'nats.log'),
      log,
      now,
      onChange: (state) => remember({ hub: { address, ...state } }),
    })
  }

  function createWorker({ app, label, env: own }: AppInstance, { url, keys }: SupervisedBroker): AppWorker {
    const listens = app.name === 'collector' ? listening() : []
    return createAppWorker({
      app,
      label,
      argv: appArgv(options),
      env: {
        ...appEnv(config, env),
        ...own,
        ...(listens.length > 0 && { COLLECTOR_LISTEN: listens.join(',') }),
        ...{ NETBEHAVE_BROKER_URL: url, NETBEHAVE_BROKER_KEYS: keys, NETBEHAVE_BROKER_CA: '' },
      },
      log,
      output: stderr,
      onDeath: () => countDeath(app.name),
      keepAddresses: (ready) => keepAddresses(app.name, ready),
    })
  }

  /** All at once; the first that cannot start ends the start, and so does being told to stop. */
  async function startApps(instances: readonly AppInstance[]): Promise<void> {
    const starting = instances.map(async (instance) => {
      const entry: StartedApp = { name: instance.app.name, worker: createWorker(instance, broker!), details: undefined }
      started.push(entry)
      entry.details = await entry.worker.start()
    })
    try {
      await Promise.race([Promise.all(starting), aborted(stop)])
    } catch (error) {
      throw (await allFindings(error)) ?? error
    }
  }

  /** Wrong configuration of one app is told together with that of the others. */
  async function allFindings(error: unknown): Promise<CommandError | undefined> {
    if (!(error instanceof CommandError) || error.exitCode !== EXIT.config) return undefined
    const answers = await askApps(options.apps, '--check', appArgv(options), appEnv(config, env))
    return answers.some(({ findings }) => findings.length > 0) ? configFault(answers) : undefined
  }

  function listening(): string[] {
    const addresses = started.find(({ name }) => name === 'collector')?.details?.listening
    return Array.isArray(addresses) ? addresses.map(String) : []
  }

  function countDeath(name: string): void {
    deaths[name] = (deaths[name] ?? 0) + 1
    remember({})
  }

  function remember(changes: Partial<RunFile>): void {
    if (!running) return
    running = { ...running, ...changes }
    try {
      writeRunFile(dataDir, running)
    } catch (error) {
      log.error({ err: error }, `cannot write where this copy can be reached: ${(error as Error).message}`)
    }
  }

  return {
    start,
    async [Symbol.asyncDispose]() {
      const endAt = performance.now() + STOP_APPS_MS
      for (const [i, name] of STOP_ORDER.entries()) {
        const reserve = STOP_RESERVE_MS * (STOP_ORDER.length - 1 - i)
        const withinMs = Math.max(STOP_RESERVE_MS, endAt - reserve - performance.now())
        const workers = started.filter((entry) => entry.name === name).map(({ worker }) => worker)
        await Promise.all(workers.map((worker) => worker.stop(withinMs)))
      }
      await line?.[Symbol.asyncDispose]()
      await broker?.[Symbol.asyncDispose]()
      if (running) removeRunFile(dataDir)
    },
  }
}

/** An app that is switched off and yet configured would not tell what is wrong with its keys. */
async function tellMistakes(off: readonly App[], flags: UpFlags, env: Environment['env']): Promise<void> {
  const answers = await askApps(off, '--check', appArgv(flags), env)
  if (answers.some(({ findings }) => findings.length > 0)) throw configFault(answers)
}

/** Every app reads the same file. */
const appArgv = ({ config }: UpFlags): string[] => (config === undefined ? [] : ['--config', config])

/** What `up` decides for the apps; the rest is theirs to read. */
export function appEnv(config: UpConfig, env: Environment['env']): Record<string, string | undefined> {
  return {
    ...env,
    NETBEHAVE_DATA_DIR: config.dataDir,
    NETBEHAVE_SITE: config.site,
    ...(config.listen && { COLLECTOR_LISTEN: config.listen.join(',') }),
    ...(config.http && { SEARCH_GW_LISTEN: config.http }),
  }
}

/** An app that is started again listens where it did, also when the port was any free one. */
function keepAddresses(name: AppName, ready: ReadyDetails): Record<string, string> {
  if (name === 'collector' && Array.isArray(ready.listening)) return { COLLECTOR_LISTEN: ready.listening.join(',') }
  if (name === 'search-gw' && typeof ready.http === 'string') return { SEARCH_GW_LISTEN: new URL(ready.http).host }
  return {}
}
