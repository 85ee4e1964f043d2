// nats-server from Debian's or Ubuntu's own package mirror, without root: apt works in a private state directory, dpkg
// only unpacks. apt checks the signatures as always, with the keyring that the machine's own sources name.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { formatDeb822, forSuite, parseDeb822Format, parseListFormat } from './apt-sources.mjs'
import { capture } from './command.mjs'
import { say } from './say.mjs'
import { makePartial, placeTool } from './tools-dir.mjs'
import { isAtLeast, parseVersion } from './version.mjs'

/**
 * Where the running release's version is too old: newer suites of the same mirror, nearest first, since a binary of a
 * much newer one may need a newer C library. A suite that is older than the running one, or that is not there, is only
 * a wasted look.
 * @type {Record<string, string[]>}
 */
const NEWER_SUITES = { debian: ['trixie', 'stable', 'testing', 'unstable'], ubuntu: ['noble', 'questing', 'devel'] }

const APT_TIMEOUT_MS = 180_000

/**
 * @param {string} toolsDir
 * @param {number[]} least version
 * @returns {Promise<import('./nats-release.mjs').Brought>}
 */
export async function installDebianNatsServer(toolsDir, least) {
  const release = readOsRelease()
  const newer = NEWER_SUITES[release.ID ?? '']
  const codename = release.VERSION_CODENAME
  if (!newer || !codename || !existsSync('/usr/bin/apt-get') || !existsSync('/usr/bin/dpkg')) {
    return { reason: 'this machine is neither Debian nor Ubuntu, so there is no package to take' }
  }
  const sources = readAptSources('/etc/apt')
  const apt = join(toolsDir, `apt.partial-${process.pid}`)
  const reasons = []
  try {
    for (const suite of new Set([codename, ...newer])) {
      const found = forSuite(sources, codename, suite)
      if (found.length === 0) return { reason: `apt has no source for ${codename}` }
      rmSync(apt, { recursive: true, force: true })
      const got = await fetchPackage(apt, formatDeb822(found), suite, least)
      if ('reason' in got) {
        reasons.push(got.reason)
        // A newer suite may not be there, but if the running release's own cannot be read, nothing of this mirror can.
        if (got.unreadable && suite === codename) break
        continue
      }
      const partial = makePartial(toolsDir, 'nats-server')
      const unpacked = await capture('dpkg', ['-x', got.file, partial])
      if (unpacked.code !== 0) return { reason: `dpkg: ${unpacked.output.trim()}` }
      const inside = join('usr', 'sbin', 'nats-server')
      const binary = await placeTool(toolsDir, 'nats-server', partial, inside, least)
      if (binary) return { binary, origin: `the package of ${suite} from this machine's package mirror` }
      reasons.push(`${suite}: its nats-server does not run on this machine`)
    }
  } finally {
    rmSync(apt, { recursive: true, force: true })
  }
  return { reason: reasons.join('\n') }
}

/**
 * @param {string} apt directory for all of apt's state, not there yet
 * @param {string} sourcesText of a `.sources` file
 * @param {string} suite
 * @param {number[]} least version
 * @returns {Promise<{ file: string } | { reason: string, unreadable?: boolean }>} the downloaded .deb, or why there is
 *   none; unreadable: the suite's package list could not be fetched
 */
async function fetchPackage(apt, sourcesText, suite, least) {
  for (const directory of ['state/lists/partial', 'cache/archives/partial', 'sources', 'debs']) {
    mkdirSync(join(apt, directory), { recursive: true })
  }
  writeFileSync(join(apt, 'sources', 'mirror.sources'), sourcesText)
  const options = [
    `Dir::State=${join(apt, 'state')}`,
    `Dir::Cache=${join(apt, 'cache')}`,
    'Dir::Etc::SourceList=/dev/null',
    `Dir::Etc::SourceParts=${join(apt, 'sources')}`,
    'Acquire::Languages=none',
    'Acquire::Retries=1',
    // Without it a mirror that cannot be reached is only a warning.
    'APT::Update::Error-Mode=any',
    'Acquire::http::Timeout=10',
    // Run by root, apt would download as the user _apt, who cannot write into this clone.
    'APT::Sandbox::User=root',
  ].flatMap((option) => ['-o', option])
  say(`looking for nats-server in ${suite} of this machine's package mirror`)
  const update = await capture('apt-get', [...options, '-q', 'update'], { timeoutMs: APT_TIMEOUT_MS })
  if (update.code !== 0) return { reason: `${suite}: ${firstError(update.output)}`, unreadable: true }
  const listed = await capture('apt-cache', [...options, 'madison', 'nats-server'], { timeoutMs: APT_TIMEOUT_MS })
  const versionText = listed.stdout.split('\n')[0]?.split('|')[1]?.trim() ?? ''
  if (!isAtLeast(parseVersion(versionText), least)) {
    return { reason: `${suite}: has nats-server ${versionText || 'not at all'}` }
  }
  const debs = join(apt, 'debs')
  const got = await capture('apt-get', [...options, '-q', 'download', 'nats-server'], {
    cwd: debs,
    timeoutMs: APT_TIMEOUT_MS,
  })
  const file = readdirSync(debs).find((name) => name.endsWith('.deb'))
  if (got.code !== 0 || !file) return { reason: `${suite}: apt-get download: ${firstError(got.output)}` }
  return { file: join(debs, file) }
}

/** @param {string} etc the directory of apt's configuration */
function readAptSources(etc) {
  const sources = []
  const parts = join(etc, 'sources.list.d')
  const files = [join(etc, 'sources.list'), ...(existsSync(parts) ? readdirSync(parts) : []).map((f) => join(parts, f))]
  for (const file of files) {
    if (!existsSync(file)) continue
    const text = readFileSync(file, 'utf8')
    if (file.endsWith('.list')) sources.push(...parseListFormat(text))
    if (file.endsWith('.sources')) sources.push(...parseDeb822Format(text))
  }
  return sources
}

/** os-release(5). @returns {Record<string, string>} */
function readOsRelease() {
  if (!existsSync('/etc/os-release')) return {}
  const lines = readFileSync('/etc/os-release', 'utf8').matchAll(/^([A-Z_]+)="?([^"\n]*)"?$/gm)
  return Object.fromEntries([...lines].map(([, name, value]) => [name, value]))
}

/** @param {string} output of apt-get */
function firstError(output) {
  return /^E: .*$/m.exec(output)?.[0] ?? output.trim().split('\n').at(-1) ?? ''
}
