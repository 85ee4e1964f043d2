// System programs that only tests need. As root on Debian or Ubuntu they are installed; elsewhere the tests that need
// them are told which are missing, and skip.
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { capture } from '../bootstrap/command.mjs'
import { lastLines } from '../bootstrap/say.mjs'

/** One row per program: its name on PATH, the Debian package that has it, what it is for. */
const PROGRAMS = [
  { program: 'softflowd', package: 'softflowd', purpose: 'a real exporter, for the whole-system tests' },
  { program: 'chromium', package: 'chromium', purpose: 'a real browser, for the tests of the console' },
  { program: 'nfcapd', package: 'nfdump', purpose: "nfdump's collector, beside ours in the benchmark" },
  { program: 'nfdump', package: 'nfdump', purpose: 'a second reader of what was exported' },
  { program: 'dnsmasq', package: 'dnsmasq-base', purpose: 'a real DNS server whose log is read' },
  { program: 'unbound', package: 'unbound', purpose: 'another, and the second step of the DNS, over TLS' },
  { program: 'ip', package: 'iproute2', purpose: 'networks of their own' },
  { program: 'bwrap', package: 'bubblewrap', purpose: 'containers without an engine, for the test of the image' },
]

/** Daemons are in sbin, which a user's PATH may lack. */
const SBIN = ['/usr/local/sbin', '/usr/sbin', '/sbin']

/** Exit code 101 of this script forbids a package to start its service while it is installed (invoke-rc.d(8)). */
const POLICY_FILE = '/usr/sbin/policy-rc.d'

/**
 * Installs what is missing where that is possible.
 * @param {(line: string) => void} say
 * @returns {Promise<{ missing: string[], path: string, details: string }>} what is still missing; a PATH on which the
 *   others are; why an installation failed
 */
export async function bringSystemPrograms(say) {
  const path = withSbin(process.env.PATH ?? '')
  const before = missingPrograms(path)
  const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')
  if (before.length === 0 || !canInstall) return { missing: names(before), path, details: '' }
  const packages = [...new Set(before.map((row) => row.package))]
  say(`installing ${packages.join(' ')} (programs that only tests need)`)
  const details = await withoutStartingServices(() => aptInstall(packages))
  return { missing: names(missingPrograms(path)), path, details }
}

/** @param {string[]} packages @returns {Promise<string>} the end of apt's output if it failed, else '' */
async function aptInstall(packages) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['-q', '-y', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', 'install', ...packages]
  const first = await capture('apt-get', install, { env })
  if (first.code === 0) return ''
  // The usual reason: no package lists yet, or old ones.
  await capture('apt-get', ['-q', 'update'], { env })
  const second = await capture('apt-get', install, { env })
  return second.code === 0 ? '' : lastLines(second.output)
}

/**
 * @template T
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function withoutStartingServices(work) {
  if (existsSync(POLICY_FILE)) return work()
  const remove = () => rmSync(POLICY_FILE, { force: true })
  writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  process.on('exit', remove)
  try {
    return await work()
  } finally {
    process.off('exit', remove)
    remove()
  }
}

/** @param {string} path */
function missingPrograms(path) {
  const directories = path.split(delimiter)
  return PROGRAMS.filter(({ program }) => !directories.some((directory) => existsSync(join(directory, program))))
}

/** @param {string} path */
function withSbin(path) {
  const directories = path.split(delimiter)
  return [...directories, ...SBIN.filter((directory) => !directories.includes(directory))].join(delimiter)
}

/** @param {{ program: string }[]} rows */
function names(rows) {
  return rows.map(({ program }) => program)
}
