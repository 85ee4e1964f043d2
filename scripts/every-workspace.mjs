// `npm run bench`, `npm run fuzz`: runs the script of that name in every workspace that has one, one after the other and
// with the terminal's own output, passing the arguments on. npm itself says nothing: benchmarks print JSON lines.
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const [script = '', ...args] = process.argv.slice(2)
const root = dirname(dirname(fileURLToPath(import.meta.url)))
const npmArgs = ['run', '--workspaces', '--if-present', script, '--', ...args]
const child = spawn('npm', npmArgs, {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, npm_config_loglevel: 'silent' },
})
child.on('error', (error) => {
  process.stderr.write(`cannot run npm: ${error.message}\n`)
  process.exitCode = 127
})
child.on('exit', (code) => {
  process.exitCode = code ?? 1
})
