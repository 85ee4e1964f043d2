// Does a copy run on the data folder, and do its apps answer? Fails: CommandError 69 when something does not.
import { askStats } from '@netbehave/broker'
import { sumOf } from '@netbehave/health'
import { connectToCopy } from './broker-client.ts'
import { chooseDataDir, requireRunningCopy } from './data-dir.ts'
import type { Environment } from './environment.ts'
import { CommandError, EXIT } from './exit-codes.ts'
import { formatDuration } from './output/numbers.ts'
import type { RunFile } from './run-file.ts'

export async function showStatus(
  options: { data?: string; output: 'table' | 'json' },
  environment: Environment,
): Promise<void> {
  const { stdout, now } = environment
  const running = requireRunningCopy(await chooseDataDir(options.data, environment))
  await using broker = await connectToCopy(options, 'analyst', environment)
  const snapshots = await askStats(broker)
  const apps = snapshots.map((snapshot) => {
    const { app, site, instance, startedMs } = snapshot
    const refused = sumOf(snapshot, `netbehave_${app.replaceAll('-', '_')}_broker_errors_total`) ?? 0
    return { app, site, instance, startedMs, refused }
  })
  /** Of several the instance too. */
  const isOne = (name: string) => (running.instances ?? []).filter(({ app }) => app === name).length < 2
  const nameOf = ({ app, instance }: { app: string; instance: string }) => (isOne(app) ? app : `${app} ${instance}`)
  if (options.output === 'json') stdout.write(`${JSON.stringify({ ...running, apps })}\n`)
  else {
    const deaths = Object.entries(running.deaths).map(([name, count]) => `${name} ${count}`)
    const lines = [
      `runs since ${formatDuration(now() - running.startedMs)} as process ${running.pid}`,
      `flows to  UDP ${running.collector?.join(', ') ?? '(starting)'}`,
      running.hub === undefined
        ? `console   ${running.http === undefined ? '(starting)' : `${running.http}/`}`
        : `hub       ${describeHub(running.hub, now())}`,
      `broker    ${running.nats}`,
      ...apps.map((one) => `${nameOf(one).padEnd(9)} answers, up for ${formatDuration(now() - one.startedMs)}`),
      ...apps
        .filter(({ refused }) => refused > 0)
        .map(
          ({ app, refused }) =>
            `the broker refused ${app} ${refused} times: its log says what, "netbehave broker check" what differs`,
        ),
      ...(deaths.length > 0 ? [`started again after they ended: ${deaths.join(', ')}`] : []),
    ]
    stdout.write(`${lines.join('\n')}\n`)
  }
  const silent = (running.instances ?? []).filter(
    (one) => !apps.some(({ app, instance }) => app === one.app && instance === one.instance),
  )
  if (silent.length > 0) throw new CommandError(`no answer from ${silent.map(nameOf).join(', ')}`, EXIT.unavailable)
}

function describeHub({ address, isThere, sinceMs }: NonNullable<RunFile['hub']>, nowMs: number): string {
  if (isThere === undefined || sinceMs === undefined) return `${address}, no line yet`
  const span = formatDuration(nowMs - sinceMs)
  return isThere
    ? `${address}, connected for ${span}`
    : `${address}, no line for ${span}; flows are kept here until it is back`
}
