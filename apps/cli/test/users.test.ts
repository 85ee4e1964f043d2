import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openAccess } from '@netbehave/access'
import { runCommand, runInShell, temporaryFolder } from './command.ts'

async function openFolder() {
  const folder = await temporaryFolder()
  const run = (...args: string[]) => runCommand([...args, '--data', folder.path])
  return {
    run,
    path: folder.path,
    /** As a script would: a password on standard input. */
    pipe: (text: string, ...args: string[]) =>
      runInShell(`printf '${text}' | "$@"`, [...args, '--password-stdin', '--data', folder.path], { cwd: folder.path }),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}

test('a user is added with a password that is printed once, signs in, gets another, and is removed', async () => {
  await using folder = await openFolder()
  const added = await folder.run('users', 'add', 'root', '--role', 'admin')
  const password = /^root is admin, with the password (\S+) \(shown only now\)\n$/.exec(added.stdout)?.[1]
  assert.ok(password, added.stderr)
  {
    using access = openAccess(folder.path)
    assert.equal((await access.users.check('root', password))?.role, 'admin')
  }
  const piped = await folder.pipe('long enough\\n', 'users', 'add', 'ann')
  assert.deepEqual([piped.code, piped.stdout], [0, 'ann is viewer\n'], piped.stderr)
  await folder.run('users', 'add', 'ann', '--role', 'operator')
  const changed = await folder.pipe('quite another\\n', 'users', 'passwd', 'ann')
  assert.equal(changed.code, 0, changed.stderr)
  {
    using access = openAccess(folder.path)
    assert.equal(await access.users.check('ann', 'long enough'), undefined)
    assert.equal((await access.users.check('ann', 'quite another'))?.role, 'operator')
  }
  const listed = await folder.run('users', 'ls', '-o', 'json')
  assert.deepEqual(
    JSON.parse(listed.stdout).map(({ name, role }: { name: string; role: string }) => [name, role]),
    [
      ['ann', 'operator'],
      ['root', 'admin'],
    ],
  )
  assert.equal((await folder.run('users', 'rm', 'ann')).stdout, 'ann is removed\n')
})

test('what cannot be done is a sentence and an exit code', async () => {
  await using folder = await openFolder()
  await folder.pipe('long enough\\n', 'users', 'add', 'root', '--role', 'admin')
  for (const [args, code, sentence] of [
    [['users', 'rm', 'root'], 64, /root is the only admin/],
    [['users', 'add', 'root'], 64, /root is the only admin/],
    [['users', 'rm', 'nobody'], 66, /there is no user nobody/],
    [['users', 'passwd', 'nobody'], 66, /there is no user nobody/],
    [['users', 'add', '../x'], 64, /is no name/],
    [['users', 'add', 'x', '--role', 'king'], 64, /viewer, operator, admin/],
    [['tokens', 'add', 'x'], 66, /there is no user admin/],
    [['tokens', 'rm', 'abc'], 66, /there is no token abc/],
  ] as const) {
    const result = await folder.run(...args)
    assert.equal(result.code, code, args.join(' '))
    assert.match(result.stderr, sentence)
    assert.doesNotMatch(result.stderr, /\n {4}at /)
  }
  const short = await folder.pipe('short\\n', 'users', 'add', 'x')
  assert.deepEqual([short.code, short.stderr], [64, 'netbehave: a password has 8 to 1024 characters\n'])
  assert.equal((await folder.pipe('', 'users', 'add', 'x')).code, 66)
})

test('a token is printed once and listed without its secret', async () => {
  await using folder = await openFolder()
  await folder.pipe('long enough\\n', 'users', 'add', 'root', '--role', 'admin')
  const { stdout: secret } = await folder.run(
    'tokens',
    'add',
    'prometheus',
    '--scope',
    'metrics',
    '--user',
    'root',
    '--days',
    '30',
  )
  assert.match(secret, /^nb_[\w-]{43}\n$/)
  const { stdout } = await folder.run('tokens', 'ls')
  assert.match(stdout, /^ID +NAME +USER +SCOPE +ENDS +LAST USED\n[0-9a-f]{12} +prometheus +root +metrics +\d{4}-/)
  assert.ok(!stdout.includes(secret.trim()))
  using access = openAccess(folder.path)
  assert.equal(access.tokens.find(secret.trim())?.scope, 'metrics')
})
