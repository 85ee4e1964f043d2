// nats-servers that a copy of ours left behind when it was killed: they hold the port and the store that the next start
// needs. In: the folder of nats-server's files. Ends only processes whose command line names our own configuration file.
import { execFile } from 'node:child_process'
import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isAlive, readRunFile } from '../run-file.ts'

export interface OrphanOptions {
  readonly dataDir: string
  /** `<data>/nats`, where nats-server's configuration and ports files are. */
  readonly natsDir: string
  readonly onOrphan: (pid: number) => void
  /** How long an orphan may take to end before it is killed. */
  readonly patienceMs?: number
}

const PATIENCE_MS = 5_000
const POLL_MS = 20

/** Ends the orphans and removes their ports files. */
export async function endOrphans({
  dataDir,
  natsDir,
  onOrphan,
  patienceMs = PATIENCE_MS,
}: OrphanOptions): Promise<void> {
  const files = (await readdir(natsDir)).filter((name) => /^nats-server_\d+\.ports$/.test(name))
  const pids = new Set(files.map((name) => Number(/\d+/.exec(name)![0])))
  const remembered = readRunFile(dataDir)?.natsPid
  if (remembered !== undefined) pids.add(remembered)
  for (const pid of pids) {
    if (!(await isOurNatsServer(pid, join(natsDir, 'nats.conf')))) continue
    onOrphan(pid)
    await endProcess(pid, patienceMs)
  }
  for (const name of files) await rm(join(natsDir, name), { force: true })
}

/** SIGTERM, and SIGKILL when that does not help in time. */
export async function endProcess(pid: number, patienceMs: number): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    try {
      process.kill(pid, signal)
    } catch {
      return // ended by itself meanwhile
    }
    const giveUpAt = performance.now() + patienceMs
    while (performance.now() < giveUpAt) {
      if (!isAlive(pid) || (await isZombie(pid))) return
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

/** Does this process run on our configuration file? A pid alone may belong to somebody else by now. */
export async function isOurNatsServer(pid: number, configFile: string): Promise<boolean> {
  return isAlive(pid) && (await commandLine(pid)).includes(configFile)
}

async function commandLine(pid: number): Promise<string> {
  const fromProc = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  if (fromProc !== undefined) return fromProc.replaceAll('\0', ' ')
  return new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', 'command=', '-p', String(pid)], (_error, stdout) => resolve(stdout))
  })
}

/** Ended, but its parent has not asked for its exit code yet: nothing is held any more. */
async function isZombie(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return /^\d+ \(.*\) Z/s.test(stat)
}
