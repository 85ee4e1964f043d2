import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { test } from 'node:test'
import { findViolations, importsOf, type Workspace } from './import-arrows.ts'

const root = join(import.meta.dirname, '..')

test('the workspaces import only what the rules allow', () => {
  const workspaces = readWorkspaces()
  assert.ok(workspaces.length >= 10, `only ${workspaces.length} workspaces found`)
  const files = workspaces.flatMap((workspace) => Object.keys(workspace.files))
  assert.ok(files.length > 0, 'no source file found')
  assert.deepEqual(findViolations(workspaces), [])
})

const BAD: [string, Partial<Workspace> & { path: string }, RegExp][] = [
  [
    'an app that imports an app',
    { path: 'apps/collector', files: { 'src/main.ts': "import { x } from '@netbehave/enricher'" } },
    /apps never import apps/,
  ],
  [
    'a library that imports an app, over several lines and only a type',
    { path: 'libs/broker', files: { 'src/a.ts': "import type {\n  X,\n} from '@netbehave/enricher'" } },
    /libraries never import apps/,
  ],
  [
    'the command line program starting an app outside of `up`',
    { path: 'apps/cli', files: { 'src/tail.ts': "await import('@netbehave/enricher')" } },
    /apps never import apps/,
  ],
  [
    'the schema importing another library',
    { path: 'libs/schema', files: { 'src/a.ts': "export * from '@netbehave/broker'" } },
    /libs\/schema imports no other workspace/,
  ],
  [
    'a file inside another workspace',
    { path: 'apps/collector', files: { 'src/a.ts': "import { y } from '@netbehave/broker/src/connect.ts'" } },
    /not a file inside it/,
  ],
  [
    'a path that leaves the workspace',
    { path: 'apps/collector', files: { 'test/a.test.ts': "import '../../enricher/src/main.ts'" } },
    /may not leave its workspace/,
  ],
  [
    'a workspace that package.json does not name',
    { path: 'apps/collector', dependencies: [], files: { 'src/a.ts': "import { y } from '@netbehave/broker'" } },
    /package\.json does not name it/,
  ],
  [
    'a workspace that does not exist',
    { path: 'apps/collector', files: { 'src/a.ts': "import { y } from '@netbehave/helpers'" } },
    /no such workspace/,
  ],
  [
    'a socket in the decoder',
    { path: 'libs/netflow', files: { 'src/a.ts': "import d from 'node:dgram'" } },
    /no sockets/,
  ],
  ['a broker in the decoder', { path: 'libs/netflow', files: { 'src/a.ts': "import '@nats-io/jetstream'" } }, /broker/],
  ['a logger in the decoder', { path: 'libs/netflow', files: { 'src/a.ts': "import { pino } from 'pino'" } }, /logger/],
  [
    'the clock in the decoder',
    { path: 'libs/netflow', files: { 'src/a.ts': 'const t = Date.now()' } },
    /uses Date\.now/,
  ],
  ['Node in the filter', { path: 'libs/filter', files: { 'src/a.ts': "import 'node:util'" } }, /browser/],
]

for (const [what, workspace, why] of BAD) {
  test(`refused: ${what}`, () => {
    const violations = findViolations(around(workspace))
    assert.equal(violations.length, 1, violations.join('\n'))
    assert.match(violations[0] ?? '', why)
    assert.ok(violations[0]?.startsWith(`${workspace.path}/`))
  })
}

const GOOD: [string, Partial<Workspace> & { path: string }][] = [
  [
    '`netbehave up` starting an app',
    { path: 'apps/cli', files: { 'src/up/workers.ts': "import('@netbehave/enricher')" } },
  ],
  [
    'a whole-system test starting an app',
    { path: 'apps/e2e', files: { 'test/a.test.ts': "import '@netbehave/enricher'" } },
  ],
  ['an export of a library', { path: 'apps/collector', files: { 'test/a.ts': "import '@netbehave/broker/testing'" } }],
  ['a file of its own', { path: 'apps/collector', files: { 'test/a.ts': "import '../src/main.ts'" } }],
  ['a clock in the decoder’s tests', { path: 'libs/netflow', files: { 'src/a.test.ts': 'Date.now()' } }],
  [
    'a name in a comment',
    { path: 'libs/netflow', files: { 'src/a.ts': "// import 'node:net'; Date.now() is not used" } },
  ],
]

for (const [what, workspace] of GOOD) {
  test(`allowed: ${what}`, () => assert.deepEqual(findViolations(around(workspace)), []))
}

test('every form of import is seen', () => {
  const text = `
    import a from 'one'
    import { b, type C } from "two"
    import type { D } from 'three'
    import * as e from 'four'
    import 'five'
    export { f } from 'six'
    export * from 'seven'
    const g = await import('eight')
    type H = import('nine').H
    const i = createRequire(import.meta.url)
    new Worker(import.meta.resolve('ten'))
    const text = "not an import from 'eleven'"
  `
  const found = importsOf(text).sort()
  assert.deepEqual(found, ['eight', 'five', 'four', 'nine', 'one', 'seven', 'six', 'ten', 'three', 'two'])
})

/** The workspace under test among some that keep the rules; its dependencies are all of them unless it says otherwise. */
function around(workspace: Partial<Workspace> & { path: string }): Workspace[] {
  const others = ['apps/enricher', 'libs/broker', 'libs/schema'].filter((path) => path !== workspace.path)
  const dependencies = others.map(nameOf)
  const under = { name: nameOf(workspace.path), dependencies, files: {}, ...workspace }
  return [under, ...others.map((path) => ({ path, name: nameOf(path), dependencies: [], files: {} }))]
}

function nameOf(path: string): string {
  return `@netbehave/${path.split('/')[1]}`
}

function readWorkspaces(): Workspace[] {
  const paths = ['libs', 'apps'].flatMap((top) => readdirSync(join(root, top)).map((name) => `${top}/${name}`))
  return paths.filter((path) => existsSync(join(root, path, 'package.json'))).map(readWorkspace)
}

function readWorkspace(path: string): Workspace {
  const manifest = JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
  const { dependencies, devDependencies, peerDependencies } = manifest
  const files: Record<string, string> = {}
  for (const entry of readdirSync(join(root, path), { recursive: true, withFileTypes: true })) {
    const file = relative(join(root, path), join(entry.parentPath, entry.name))
    if (!entry.isFile() || !/\.(ts|tsx|mjs|js)$/.test(file) || /(^|\/)(node_modules|dist|data)\//.test(file)) continue
    files[file] = readFileSync(join(root, path, file), 'utf8')
  }
  return {
    path,
    name: manifest.name,
    dependencies: Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies }),
    files,
  }
}
