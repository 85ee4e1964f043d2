// The image, and what compose starts of it, without a Docker engine: the steps of the Dockerfile in a clean folder, then the services with
// their own commands, mounts, user and health checks, each with the image as its read-only root. Only as root, with bubblewrap.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { until } from '@netbehave/bench'
import { parse } from 'yaml'
import { numberedDatagram, V5_RECORDS } from '../apps/e2e/src/numbered-flows.ts'
import { missingProgram } from '../apps/e2e/src/programs.ts'
import { buildImage, copyContext, type Image } from './image/build.ts'
import { type Containers, createContainers, type Service } from './image/containers.ts'
import { parseDockerfile } from './image/dockerfile.ts'

const ROOT = join(import.meta.dirname, '..')
const skip = missingProgram('bwrap') || (process.getuid?.() === 0 ? false : 'only root may do what an engine does')
const dir = mkdtempSync(join(tmpdir(), 'netbehave-image-'))

/** Without a `.env`: variables have their defaults. */
const compose = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')
const { services } = parse(compose, { merge: true }) as { services: Record<string, Service> }
const APPS = ['collector', 'enricher', 'archiver', 'search-gw', 'ipam']

let image: Image
let containers: Containers
before(async () => {
  if (skip) return
  copyContext(ROOT, join(dir, 'context'))
  const stages = parseDockerfile(readFileSync(join(ROOT, 'deploy/docker/Dockerfile'), 'utf8'))
  image = await buildImage(stages, join(dir, 'context'), dir)
  containers = await createContainers(image, ROOT, dir, ['nats'])
})
after(async () => {
  await containers?.[Symbol.asyncDispose]()
  // Forty thousand files: a program of its own is faster than Node at it.
  spawnSync('rm', ['-rf', dir])
})

/** `docker compose run --rm NAME …`: its output; throws with its last words when it fails. */
async function run(name: string, ...command: string[]): Promise<string> {
  const child = containers.start(name, services[name]!, command.length > 0 ? command : undefined)
  const code = await child.ended
  if (code !== 0) throw new Error(`${name} ${command.join(' ')} ended with ${code}: ${child.stderr}`)
  return child.stdout
}

test('the image has what runs: no package of development, no build tools, no tests, and an ordinary user', {
  skip,
}, () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; devOptional?: boolean }>
  }
  const inImage = (path: string) => join(image.root, 'app', path)
  const dev = Object.entries(packages).filter(
    ([path, { dev }]) => dev && existsSync(join(inImage(path), 'package.json')),
  )
  assert.deepEqual(
    dev.map(([path]) => path),
    [],
  )
  assert.deepEqual(readdirSync(join(image.root, 'usr/local/bin')).sort(), ['nats-server', 'node'])
  const files = readdirSync(inImage(''), { recursive: true, encoding: 'utf8' })
  const ours = files.filter((path) => !path.includes('node_modules'))
  assert.ok(ours.includes('apps/search-gw/web/dist/index.html'))
  assert.deepEqual(
    ours.filter((path) => /\.test\.ts$|\/(test|bench)\/|^apps\/e2e\/|\.tsx$/.test(path)),
    [],
  )
  assert.equal(image.user, 'node')
})

test('keys, broker and streams come up as compose starts them, and each app gets healthy on a read-only root', {
  skip,
}, async () => {
  await run('nats-init')
  const keys = join(containers.volume('broker'), 'keys')
  assert.deepEqual(readdirSync(join(keys, 'collector')).sort(), ['ca.pem', 'collector-home.seed'])
  assert.equal(statSync(join(keys, 'collector/collector-home.seed')).mode & 0o777, 0o600)
  assert.ok(
    !readdirSync(join(containers.volume('broker'), 'hub'), { recursive: true })
      .join()
      .includes('seed'),
  )

  containers.start('nats', services.nats!)
  await until('nats is healthy', () => containers.isHealthy('nats', services.nats!))
  await run('nats-streams')
  const running = APPS.map((name) => ({ name, child: containers.start(name, services[name]!) }))
  for (const { name, child } of running) {
    await child.line((line) => line.includes('"msg":"ready"'), 'stderr')
    assert.ok(await containers.isHealthy(name, services[name]!), name)
  }
  const touch = containers.start('enricher', { ...services.enricher!, entrypoint: ['touch'] }, ['/app/written'])
  assert.notEqual(await touch.ended, 0)
  assert.match(touch.stderr, /Read-only file system/)
})

test('a flow that is sent to the collector is in history, and the console is served', { skip }, async () => {
  writeFileSync(join(containers.volume('data'), 'flow.dat'), numberedDatagram(0, Date.now()))
  await run('cli', 'replay', '/data/flow.dat', '--to', '127.0.0.1:2055')
  const flows = join(containers.volume('data'), 'flows')
  const files = () =>
    readdirSync(flows, { recursive: true, encoding: 'utf8' }).some((path) => path.endsWith('.parquet'))
  await until('the archiver has written a file', files)
  const { flows: count } = JSON.parse(await run('cli', 'search', '--from', '-3d', '--count')) as { flows: number }
  assert.equal(count, V5_RECORDS)
  const program = `
    const base = 'http://127.0.0.1:8055/'
    const page = await (await fetch(base)).text()
    const script = /src="([^"]+\\.js)"/.exec(page)[1]
    const { status, headers } = await fetch(new URL(script, base))
    console.log(JSON.stringify({ title: /<title>(.*?)<\\/title>/.exec(page)[1], status, type: headers.get('content-type') }))`
  const asked = containers.start('cli', { ...services.cli!, entrypoint: ['node'] }, [
    '--input-type=module',
    '-e',
    program,
  ])
  assert.equal(await asked.ended, 0, asked.stderr)
  const { title, status, type } = JSON.parse(asked.stdout) as Record<string, unknown>
  assert.equal(title, 'NetBehave')
  assert.equal(status, 200)
  assert.match(String(type), /javascript/)
})

test('people ask the running containers by the command line, with the keys of operators', { skip }, async () => {
  assert.match(await run('cli', 'exporters'), /127\.0\.0\.1/)
})

test('a site is added and a key replaced in the volume, and nats-server gets to see both', { skip }, async () => {
  const broker = (path: string) => readFileSync(join(containers.volume('broker'), path), 'utf8')
  const before = broker('hub/public-keys.env')
  await run('nats-init', 'add-site', 'cabin', '--hub', 'hub.example:7422')
  assert.match(broker('cabin.site.yaml'), /^hub: hub\.example:7422$/m)
  assert.match(broker('hub/hub.conf'), /"?leafnodes"?: /)
  await run('nats-init', 'rotate', 'enricher')
  const keyOf = (text: string) => /^NK_ENRICHER=(.*)$/m.exec(text)?.[1]
  assert.notEqual(keyOf(broker('hub/public-keys.env')), keyOf(before))
})

test('the volume with the data is a data folder: it is backed up by the same command', { skip }, async () => {
  const cli = { ...services.cli!, volumes: ['data:/data', 'backup:/broker'] }
  const backup = containers.start('cli', cli, ['backup', '/broker', '--json'])
  assert.equal(await backup.ended, 0, backup.stderr)
  const files = readdirSync(containers.volume('backup'), { recursive: true, encoding: 'utf8' })
  for (const path of ['backup.json', 'flows/catalog.sqlite3', 'gateway/users.sqlite3', 'ipam/assets.sqlite3'])
    assert.ok(files.includes(path), path)
  assert.ok(!files.some((path) => path.startsWith('nats/')))
})

test("a site's container gets healthy from the file that the hub wrote, also while the hub is away", {
  skip,
}, async () => {
  const project = join(dir, 'project')
  mkdirSync(join(project, 'site'), { recursive: true })
  const file = join(project, 'site', 'cabin.site.yaml')
  writeFileSync(file, readFileSync(join(containers.volume('broker'), 'cabin.site.yaml')), { mode: 0o600 })
  chownSync(file, 1000, 1000)
  const text = readFileSync(join(ROOT, 'deploy/docker/compose.site.yml'), 'utf8')
  const { site } = (parse(text.replaceAll(/\$\{NETBEHAVE_SITE:[^}]*\}/g, 'cabin')) as { services: { site: Service } })
    .services
  await using box = await createContainers(image, project, join(dir, 'box'), [])
  const child = box.start('site', site)
  assert.match(await child.line((line) => line.startsWith('ready:')), /flows to UDP 0\.0\.0\.0:2055/)
  await until('the health file is there', () => box.isHealthy('site', site))
})
