// The `netbehave` command. In: arguments, environment. Out: results on stdout, everything else on stderr, an exit code.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

// Keeps compiled code between runs: a third of a start and of its memory go into stripping types and compiling. In the
// environment too, because worker threads look there. Does nothing where the folder cannot be written.
process.env.NODE_COMPILE_CACHE ||= join(import.meta.dirname, '../../../node_modules/.cache/netbehave')
enableCompileCache(process.env.NODE_COMPILE_CACHE)
const { runProgram } = await import('./program.ts')
const { describeSystemError, EXIT } = await import('./exit-codes.ts')

// A reader that has enough (`netbehave search | head`) is no fault; what is left has nowhere to go.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE')
    process.stderr.write(`netbehave: cannot write the result: ${describeSystemError(error)}\n`)
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.io)
})
process.stderr.on('error', () => {})

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => stop.abort())

const exitCode = await runProgram(process.argv.slice(2), {
  env: process.env,
  get stdin() {
    return process.stdin // opened by whoever reads it
  },
  stdout: process.stdout,
  stderr: process.stderr,
  now: Date.now,
  stop: stop.signal,
})
// A pipe may still hold what was written, and that a file took no more is told only after this turn of the event loop.
await new Promise((resolve) => process.stdout.write('', resolve))
await new Promise(setImmediate)
process.exit(exitCode)
