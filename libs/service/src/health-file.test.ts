import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { touchWhileAlive } from './index.ts'

const directory = mkdtempSync(join(tmpdir(), 'netbehave-health-'))
after(() => rmSync(directory, { recursive: true }))
const LONG_AGO = new Date(0)

test('the file is there at once, is touched while the event loop turns, and goes with the app', async () => {
  const path = join(directory, 'alive')
  const alive = touchWhileAlive(path, 10)
  utimesSync(path, LONG_AGO, LONG_AGO)
  while (statSync(path).mtimeMs === 0) await new Promise((resolve) => setTimeout(resolve, 10))
  alive[Symbol.dispose]()
  assert.ok(!existsSync(path))
})

test('without a path there is no file, and a path that cannot be written is an error', () => {
  touchWhileAlive('')[Symbol.dispose]()
  assert.throws(() => touchWhileAlive(join(directory, 'none', 'alive')), { code: 'ENOENT' })
})

/** An app that does nothing, as a process. */
function startApp(healthFile: string) {
  const program = `
    import { runService } from ${JSON.stringify(join(import.meta.dirname, 'index.ts'))}
    import { z } from ${JSON.stringify(import.meta.resolve('zod'))}
    const turning = setInterval(() => {}, 1000)
    await runService('collector', z.strictObject({}), async () => ({}))
  `
  const env = { ...process.env, NETBEHAVE_HEALTH_FILE: healthFile }
  return spawn(process.execPath, ['--input-type=module', '-e', program], { env, stdio: ['ignore', 'ignore', 'pipe'] })
}

test('an app has its health file from ready to stop; one that cannot be written ends the start with a sentence', async () => {
  const path = join(directory, 'app')
  const app = startApp(path)
  app.stderr.setEncoding('utf8')
  let said = ''
  for await (const chunk of app.stderr) {
    said += chunk
    if (said.includes('"ready"') && existsSync(path)) app.kill('SIGTERM')
  }
  assert.match(said, /"ready"/)
  assert.ok(!existsSync(path))

  const refused = startApp(join(directory, 'none', 'app'))
  let sentence = ''
  refused.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    sentence += chunk
  })
  const [code] = await once(refused, 'close')
  assert.equal(code, 73)
  assert.match(sentence, /the health file .* cannot be written: there is no such file or folder; name another with/)
})
