// Another key in place of one, told to the nats-server that `netbehave up` runs. In: `<data>/nats`, public keys. Fails: CommandError.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandError, describeSystemError, writeExitCode } from '../exit-codes.ts'

/** Returns when it was told, which is a moment before it acts on it. */
export function tellServer(natsDir: string, keys: { before: string; after: string }, natsPid: number): void {
  const conf = join(natsDir, 'nats.conf')
  try {
    const text = readFileSync(conf, 'utf8')
    writeFileSync(`${conf}.new`, text.replaceAll(keys.before, keys.after), { mode: 0o600 })
    renameSync(`${conf}.new`, conf)
    process.kill(natsPid, 'SIGHUP')
  } catch (cause) {
    throw new CommandError(
      `nats-server cannot be told of the new key (${describeSystemError(cause)}): stop netbehave up and start it again, which takes it`,
      writeExitCode(cause),
      { cause },
    )
  }
}
