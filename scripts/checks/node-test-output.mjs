// Reading what `node --test` wrote in its spec format: totals, failures, skips. It is read from the text so that a run
// replayed from Nx's cache counts like a fresh one.
import { stripVTControlCharacters } from 'node:util'

/** @typedef {import('./tally.mjs').Tally} Tally */

/**
 * @param {string} output of one `node --test`
 * @returns {Tally | undefined} undefined if it has no totals: the runner did not come to its end
 */
export function readTotals(output) {
  const totals = stripVTControlCharacters(output).matchAll(/^ℹ (pass|fail|cancelled|skipped|todo) (\d+)$/gm)
  // A test may print another run's totals; the runner's own come last.
  const last = Object.fromEntries([...totals].map(([, name, count]) => [name, Number(count)]))
  if (last.pass === undefined || last.fail === undefined) return undefined
  return {
    passed: last.pass,
    failed: last.fail + (last.cancelled ?? 0),
    skipped: (last.skipped ?? 0) + (last.todo ?? 0),
  }
}

/** @param {string} output of one `node --test` @returns {number} how long it took; 0 where it does not say */
export function readSeconds(output) {
  const durations = [...stripVTControlCharacters(output).matchAll(/^ℹ duration_ms ([\d.]+)$/gm)]
  return Number(durations.at(-1)?.[1] ?? 0) / 1000
}

/**
 * The part about failed tests if there is one, else all of it. A file that could not be run at all says why only before
 * that part, so then everything but the tests that passed is shown.
 * @param {string} output
 */
export function failureDetails(output) {
  const plain = stripVTControlCharacters(output)
  const start = plain.lastIndexOf('✖ failing tests:')
  const isWhole = start < 0 || /^ {2}'test failed'$/m.test(plain.slice(start))
  return (isWhole ? plain : plain.slice(start))
    .split('\n')
    .filter((line) => !/^npm (error|warn|ERR!|WARN)/.test(line) && !(isWhole && /^(ℹ|\s*[✔﹣]) /.test(line)))
    .join('\n')
    .trim()
}

/** @param {string} output @returns {string[]} `name # reason` of each skipped test */
export function skippedTests(output) {
  const found = stripVTControlCharacters(output).matchAll(/^\s*﹣ (.*?)(?: \([\d.]+ms\))?( # .*)?$/gm)
  return [...found].map(([, name, reason = '']) => `${name}${reason}`)
}

/** Of `until`, of the runner, of Playwright. */
const IMPATIENCE = /waited [\d.]+ s in vain|test timed out after \d+ms|Timeout \d+ms exceeded/

/**
 * The files of failed tests, each once, as the runner names them, if all of them failed by waiting in vain; none if one failed by
 * what it saw.
 * @param {string} details of `failureDetails` @returns {string[]}
 */
export function impatientFiles(details) {
  const [, ...failed] = details.split(/^test at /m)
  if (!failed.every((text) => IMPATIENCE.test(text))) return []
  return [...new Set(failed.map((text) => /^\S+?(?=:\d+:\d+$)/m.exec(text)?.[0] ?? ''))].filter(Boolean)
}
