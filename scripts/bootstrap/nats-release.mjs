// nats-server from its authors' releases: one pinned version, checked against the SHA-256 written here.
import { createHash } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { capture } from './command.mjs'
import { say } from './say.mjs'
import { makePartial, placeTool } from './tools-dir.mjs'

const VERSION = '2.12.7'
const RELEASES = 'https://github.com/nats-io/nats-server/releases/download'

/**
 * SHA-256 of nats-server-v2.12.7-<key>.tar.gz, as in the recipe of the official container image of that version
 * (nats-io/nats-docker, 2.12.x), whose build checks the same files.
 * @type {Record<string, string>}
 */
const SHA256 = {
  'linux-amd64': '570d2d627db111e679cc1e6bc57ba78f373ed1769acd8dc9c21c8f62d15b3c52',
  'linux-arm64': '3b9a79986778285c0e5acaba0b1218b72f6159db68fe5b8916a7d846240f9f22',
}

/** A network that drops packets silently must not hold up the other way to get a nats-server. */
const ANSWER_TIMEOUT_MS = 5_000
const DOWNLOAD_TIMEOUT_MS = 120_000

/** @typedef {{ binary: string, origin: string } | { reason: string }} Brought where it is and where it came from, or why there is none */

/**
 * @param {string} toolsDir
 * @param {number[]} least version
 * @returns {Promise<Brought>}
 */
export async function downloadNatsRelease(toolsDir, least) {
  const platform = `${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`
  const expected = SHA256[platform]
  if (!expected) return { reason: `no pinned nats-server release for ${platform}` }
  say(`downloading nats-server ${VERSION}`)
  const name = `nats-server-v${VERSION}-${platform}`
  let archive
  try {
    archive = await download(`${RELEASES}/v${VERSION}/${name}.tar.gz`)
  } catch (error) {
    return { reason: `nats-server ${VERSION} could not be downloaded (${reasonOf(error)})` }
  }
  const actual = createHash('sha256').update(archive).digest('hex')
  if (actual !== expected) {
    return { reason: `nats-server ${VERSION} has SHA-256 ${actual} where ${expected} was expected: not used` }
  }
  const partial = makePartial(toolsDir, 'nats-server')
  writeFileSync(join(partial, 'release.tar.gz'), archive)
  const { code, output } = await capture('tar', ['-xzf', 'release.tar.gz', '--strip-components=1'], { cwd: partial })
  if (code !== 0) return { reason: `tar: ${output.trim()}` }
  rmSync(join(partial, 'release.tar.gz'))
  const binary = await placeTool(toolsDir, 'nats-server', partial, 'nats-server', least)
  return binary
    ? { binary, origin: 'the release of its authors' }
    : { reason: `nats-server ${VERSION} was downloaded but does not run on this machine` }
}

/** @param {string} url @returns {Promise<Buffer>} */
async function download(url) {
  const stop = new AbortController()
  const noAnswer = setTimeout(
    () => stop.abort(new Error(`no answer within ${ANSWER_TIMEOUT_MS / 1000} s`)),
    ANSWER_TIMEOUT_MS,
  )
  const tooSlow = setTimeout(
    () => stop.abort(new Error(`not complete within ${DOWNLOAD_TIMEOUT_MS / 1000} s`)),
    DOWNLOAD_TIMEOUT_MS,
  )
  try {
    const response = await fetch(url, { signal: stop.signal })
    clearTimeout(noAnswer)
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    return Buffer.from(await response.arrayBuffer())
  } finally {
    clearTimeout(noAnswer)
    clearTimeout(tooSlow)
  }
}

/** @param {unknown} error fetch says what happened only in its cause */
function reasonOf(error) {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
