// One benchmark as a process of its own: its JSON lines are collected and shown, everything else is shown.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

/** @typedef {Record<string, unknown>} Line one JSON line of a benchmark */

/**
 * @param {string} file
 * @param {string[]} args
 * @returns {Promise<{ lines: Line[], code: number | string }>} code: the exit code, or the signal
 */
export async function runBenchmark(file, args) {
  const child = spawn(process.execPath, [file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  /** @type {Line[]} */
  const lines = []
  createInterface({ input: child.stdout }).on('line', (text) => {
    process.stdout.write(`${text}\n`)
    const line = parseLine(text)
    if (line) lines.push(line)
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ lines, code: signal ?? code ?? 1 }))
  })
}

/** @param {string} text @returns {Line | undefined} */
function parseLine(text) {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined // output of a program that only looks like it
  }
}
