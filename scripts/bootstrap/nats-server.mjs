// Step 3: nats-server >= 2.10. $NATS_SERVER_BIN, PATH, `.tools/`; else the pinned release; else the distribution's package.
import { delimiter, join, resolve } from 'node:path'
import { checkedVersion } from './checked-binaries.mjs'
import { installDebianNatsServer } from './debian-nats-server.mjs'
import { downloadNatsRelease } from './nats-release.mjs'
import { StepError, say } from './say.mjs'
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
 * Says which nats-server was found; for the first start, where nothing says so later.
 * @param {string} toolsDir
 * @param {string} binary from findNatsServer
 * @param {NodeJS.ProcessEnv} [env]
 */
export async function sayFound(toolsDir, binary, env = process.env) {
  if (env.NATS_SERVER_BIN) return sayUsing(toolsDir, binary, `${binary}, named by NATS_SERVER_BIN`)
  const isOurs = binary === join(toolsDir, 'bin', 'nats-server')
  return sayUsing(toolsDir, binary, isOurs ? 'brought into .tools before' : `${binary}, found on PATH`)
}

/** @param {string} toolsDir @param {string} binary @param {string} origin */
async function sayUsing(toolsDir, binary, origin) {
  const version = await checkedVersion(toolsDir, binary)
  say(`using nats-server ${version?.join('.') ?? ''}: ${origin}`)
}

/** The ways to bring one, in the order in which they are tried. */
const WAYS = [downloadNatsRelease, installDebianNatsServer]

/**
 * @param {string} toolsDir
 * @param {((toolsDir: string, least: number[]) => Promise<import('./nats-release.mjs').Brought>)[]} [ways]
 * @returns {Promise<string>} path of the installed nats-server
 */
export async function installNatsServer(toolsDir, ways = WAYS) {
  const reasons = []
  for (const [i, bring] of ways.entries()) {
    const got = await bring(toolsDir, LEAST_NATS_SERVER)
    if ('binary' in got) {
      await sayUsing(toolsDir, got.binary, `${got.origin}, now in .tools`)
      return got.binary
    }
    reasons.push(got.reason)
    if (i < ways.length - 1) say(`${got.reason}: trying another way`)
  }
  throw new StepError(
    'no nats-server could be brought',
    `install nats-server ${LEAST_NATS_SERVER.join('.')} or newer (macOS: brew install nats-server) so that it is on PATH, or set NATS_SERVER_BIN to it`,
    { details: reasons.join('\n') },
  )
}
