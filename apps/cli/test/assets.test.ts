// netbehave assets beside a running copy of the real apps.
import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { runCommand, startCommand, temporaryFolder, untilReady } from './command.ts'

const PORTS = ['--listen', '127.0.0.1:0', '--nats', '127.0.0.1:0', '--http', '127.0.0.1:0']

async function openUp() {
  const folder = await temporaryFolder()
  const up = startCommand(['up', '--data', folder.path, ...PORTS, '--json'], {
    cwd: folder.path,
    env: { NETBEHAVE_LOG_LEVEL: 'warn' },
  })
  await untilReady(up)
  return {
    assets: (...args: string[]) => runCommand(['assets', ...args, '--data', folder.path]),
    async write(name: string, text: string) {
      const path = join(folder.path, name)
      await writeFile(path, text)
      return path
    },
    async [Symbol.asyncDispose]() {
      await up[Symbol.asyncDispose]()
      await folder[Symbol.asyncDispose]()
    },
  }
}

test('assets are imported, listed, shown and set', async () => {
  await using copy = await openUp()
  const { assets, write } = copy

  const list = await write('list.csv', 'ip,name,tags,mac\n10.0.0.1,=door,lan;old,B8-27-EB-00-00-01\n10.0.0.2,,,\n')
  const imported = await assets('import', list, '--site', 'home')
  assert.deepEqual(
    [imported.code, imported.stdout],
    [0, '2 assets added, 0 changed, 0 as they were\n'],
    imported.stderr,
  )

  const lines = (await assets('ls')).stdout.trimEnd().split('\n')
  assert.match(lines[0]!, /^ADDRESS +SITE +NAME +MAC +VENDOR +OWNER +TYPE +TAGS +SEEN$/)
  assert.match(lines[1]!, /^10\.0\.0\.1 +home +=door +b8:27:eb:00:00:01 +Raspberry Pi .*lan, old/)
  assert.equal(lines.length, 3)
  assert.equal((await assets('ls', '--tag', 'old', '-o', 'json')).stdout.split('\n').length, 2)
  assert.match((await assets('ls', 'DOOR', '-o', 'csv')).stdout, /^site,ip.*\nhome,10\.0\.0\.1,.*,'=door,/)
  assert.equal((await assets('ls', 'nothing')).stderr, 'no asset fits\n')

  const set = await assets('set', '10.0.0.2', '--name', 'lamp', '--owner', 'Office', '-o', 'json')
  assert.deepEqual([JSON.parse(set.stdout).name, JSON.parse(set.stdout).version], ['lamp', 2])
  assert.match((await assets('show', '10.0.0.2')).stdout, /^name {6}lamp {2}\(person, locked\)$/m)
  assert.equal((await assets('set', '10.0.0.2')).code, 64)
  const unknown = await assets('show', '10.0.0.9')
  assert.deepEqual([unknown.code, unknown.stderr], [66, 'netbehave: 10.0.0.9 is no asset\n'])
})

test('an export is imported without a change, mistakes are told by line, and assets are forgotten', async () => {
  await using copy = await openUp()
  const { assets, write } = copy
  const first = await write('first.csv', 'site,ip,name,note\nhome,10.0.0.1,=door,"two\nlines"\nhome,10.0.0.2,,\n')
  assert.equal((await assets('import', first)).code, 0)
  const exported = await assets('export')
  const again = await assets('import', await write('all.csv', exported.stdout))
  assert.equal(again.stdout, '0 assets added, 0 changed, 2 as they were\n', again.stderr)
  assert.equal((await assets('export')).stdout, exported.stdout)

  const wrong = await assets('import', await write('wrong.csv', 'site,ip,name\nhome,10.0.0.3,a\nhome,printer,b\n'))
  assert.equal(wrong.code, 65)
  assert.match(
    wrong.stderr,
    /wrong\.csv:3: ip: is no IPv4 or IPv6 address\n.*1 line of .* cannot be used; nothing was imported/s,
  )
  const refused = await assets('import', await write('group.csv', 'site,ip\nhome,10.0.0.3\nhome,224.0.0.1\n'))
  assert.equal(refused.code, 65)
  assert.match(refused.stderr, /group\.csv:3: 224\.0\.0\.1 is no address of a device/)

  assert.equal((await assets('forget', '10.0.0.1', '10.0.0.3')).stdout, '2 assets forgotten\n')
  assert.equal((await assets('ls', '-o', 'json')).stdout.trimEnd().split('\n').length, 1)
  assert.equal((await assets('forget', '10.0.0.1')).code, 66)
})
