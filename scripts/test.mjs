// `npm test`: every check, ending in one line `N passed, N failed` over all runners. `npm test -- --only lint,unit` runs
// a part of them. With CI=true a system program that tests need must be there.
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { CHECKS } from './checks/checks.mjs'
import { bringSystemPrograms } from './checks/system-programs.mjs'
import { formatTally, oneCheck, sum } from './checks/tally.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const names = chosenChecks()
const results = []

const programs = await bringSystemPrograms(print)
if (programs.missing.length > 0) {
  const list = programs.missing.join(', ')
  print(`missing programs: ${list}; tests that need them ${process.env.CI === 'true' ? 'fail' : 'are skipped'}`)
  if (programs.details) print(indent(programs.details))
  if (process.env.CI === 'true') results.push({ name: list, tally: oneCheck(false), details: programs.details })
}
const env = { ...process.env, PATH: programs.path, NETBEHAVE_TEST_PROGRAMS_MISSING: programs.missing.join(',') }

for (const name of names) {
  print(`\n${name}`)
  const begun = performance.now()
  for (const result of (await CHECKS[name]?.({ root, env })) ?? []) {
    results.push({ ...result, name: `${name} ${result.name}` })
    print(
      `  ${result.tally.failed > 0 ? '✖' : '✔'} ${result.name}: ${formatTally(result.tally)}${formatSeconds(result)}`,
    )
    for (const line of result.skipped ?? []) print(`      skipped: ${line}`)
    for (const file of result.again ?? []) print(`      passed only at its second run, alone: ${file}`)
    if (result.details) print(indent(result.details))
  }
  print(`  ${Math.round((performance.now() - begun) / 1000)} s`)
}

const total = sum(results.map((result) => result.tally))
const failed = results.filter((result) => result.tally.failed > 0)
if (failed.length > 0) print(`\nfailed: ${failed.map((result) => result.name).join(', ')}`)
print(`\n${formatTally(total)}`)
process.exitCode = total.failed > 0 ? 1 : 0

function chosenChecks() {
  const { values } = parseArgs({ options: { only: { type: 'string' } } })
  const chosen = values.only?.split(',') ?? Object.keys(CHECKS)
  const unknown = chosen.filter((name) => !(name in CHECKS))
  if (unknown.length > 0) {
    process.stderr.write(`unknown check ${unknown.join(', ')}; there are: ${Object.keys(CHECKS).join(', ')}\n`)
    process.exit(64)
  }
  return chosen
}

/** ` (12 s)`, where it is worth telling. @param {{ seconds?: number }} result */
function formatSeconds({ seconds = 0 }) {
  return seconds < 1 ? '' : ` (${Math.round(seconds)} s)`
}

/** @param {string} line */
function print(line) {
  process.stdout.write(`${line}\n`)
}

/** @param {string} text */
function indent(text) {
  return text.replaceAll(/^/gm, '      ')
}
