// Step 3: nats-server >= 2.10. $NATS_SERVER_BIN, PATH, `.tools/`; else the pinned release; else the distribution's package.
import { delimiter, join, resolve } from 'node:path'
import { checkedVersion } from './checked-binaries.mjs'
import { installDebianNatsServer } from './debian-nats-server.mjs'
import { downloadNatsRelease } from './nats-release.mjs'
import { StepError } from './say.mjs'
import { isAtLeast } from './version.mjs'

/** The first with the stream and consumer settings that libs/broker uses. */
const LEAST_NATS_SERVER = [2, 10]

/**
 * @param {string} toolsDir
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<string | undefined>} path of a nats-server that is new enough
 * @throws {StepError} if NATS_SERVER_BIN names something else: what the operator chose is not silently replaced
 */
export async function findNatsServer(toolsDir, env = process.env) {
  if (env.NATS_SERVER_BIN) {
    const chosen = resolve(env.NATS_SERVER_BIN)
    if (isAtLeast(await checkedVersion(toolsDir, chosen), LEAST_NATS_SERVER)) return chosen
    throw new StepError(
      `NATS_SERVER_BIN=${env.NATS_SERVER_BIN} is not a working nats-server ${LEAST_NATS_SERVER.join('.')} or newer`,
      'correct it, or unset it to have one brought',
    )
  }
  const directories = (env.PATH ?? '').split(delimiter).filter((directory) => directory !== '')
  const candidates = directories.map((directory) => join(directory, 'nats-server'))
  for (const candidate of [...candidates, join(toolsDir, 'bin', 'nats-server')]) {
    if (isAtLeast(await checkedVersion(toolsDir, candidate), LEAST_NATS_SERVER)) return candidate
  }
  return undefined
}

/**
 * @param {string} toolsDir
 * @returns {Promise<string>} path of the installed nats-server
 */
export async function installNatsServer(toolsDir) {
  const reasons = []
  for (const bring of [downloadNatsRelease, installDebianNatsServer]) {
    const got = await bring(toolsDir, LEAST_NATS_SERVER)
    if ('binary' in got) return got.binary
    reasons.push(got.reason)
  }
  throw new StepError(
    'no nats-server could be brought',
    `install nats-server ${LEAST_NATS_SERVER.join('.')} or newer (macOS: brew install nats-server) so that it is on PATH, or set NATS_SERVER_BIN to it`,
    { details: reasons.join('\n') },
  )
}
