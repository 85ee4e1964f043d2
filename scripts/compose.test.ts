// docker-compose.yml, deploy/docker/compose.site.yml: no Docker engine is needed to see that they are what Compose takes, fit the tree and
// keep their promises. The JSON schema is the compose specification's, as the package dclint carries it.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { KEY_FOLDERS } from '@netbehave/broker'
import { APP_NAMES } from '@netbehave/schema'
import { DCLinter } from 'dclint'
import { parse } from 'yaml'

interface Mount {
  type: 'volume'
  source: string
  target: string
  read_only?: boolean
  volume: { subpath: string; nocopy: boolean }
}

interface Service {
  image: string
  build?: { context: string; dockerfile: string }
  entrypoint?: string[]
  command?: string[]
  user?: string
  read_only?: boolean
  mem_limit?: string
  cap_drop?: string[]
  security_opt?: string[]
  logging?: { options: Record<string, string> }
  environment?: Record<string, string>
  volumes?: (string | Mount)[]
  network_mode?: string
  ports?: string[]
  restart?: string
  privileged?: boolean
  healthcheck?: { test?: string[]; disable?: boolean }
  depends_on?: Record<string, { condition: string }>
}

interface Composition {
  services: Record<string, Service>
  volumes?: Record<string, null>
}

const ROOT = join(import.meta.dirname, '..')
const FILES = ['docker-compose.yml', 'deploy/docker/compose.site.yml']
const composition = (file: string) => parse(readFileSync(join(ROOT, file), 'utf8'), { merge: true }) as Composition
const servicesOf = (file: string) => Object.entries(composition(file).services)
const hub = composition('docker-compose.yml')

/** What is wrong with a file; matters of taste are left out. */
function lint(path: string): string[] {
  const wanted = ['no-duplicate-container-names', 'no-duplicate-exported-ports', 'no-version-field']
  const taste = [
    'no-build-and-image',
    'no-quotes-in-volumes',
    'no-unbound-port-interfaces',
    'require-project-name-field',
    'require-quotes-in-ports',
    'service-container-name-regex',
    'service-dependencies-alphabetical-order',
    'service-image-require-explicit-tag',
    'service-keys-order',
    'service-ports-alphabetical-order',
    'services-alphabetical-order',
    'top-level-properties-order',
  ]
  const rules = Object.fromEntries([...wanted.map((rule) => [rule, 2]), ...taste.map((rule) => [rule, 0])])
  const linter = new DCLinter({ rules, quiet: true, debug: false, exclude: [] })
  const results = linter.lintFiles([path], false) as { messages: { message: string }[] }[]
  return results.flatMap(({ messages }) => messages.map(({ message }) => message))
}

test('Compose takes the files: they fit the schema of the compose specification', () => {
  for (const file of FILES) assert.deepEqual(lint(join(ROOT, file)), [], file)
  const dir = mkdtempSync(join(tmpdir(), 'netbehave-compose-'))
  const wrong = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8').replace('subpath: hub', 'subpaht: hub')
  writeFileSync(join(dir, 'docker-compose.yml'), wrong)
  assert.match(lint(join(dir, 'docker-compose.yml')).join(), /services\/nats\/volumes/)
  rmSync(dir, { recursive: true })
})

test('every image is built here or has a version, and every file that a service names exists', () => {
  for (const file of FILES)
    for (const [name, { image, build, entrypoint = [], command = [], volumes = [] }] of servicesOf(file)) {
      assert.match(image, /:\d+\.\d+\.\d+/, name)
      if (build) assert.ok(existsSync(join(ROOT, dirname(file), build.context, build.dockerfile)), name)
      for (const path of [...entrypoint, ...command].filter((argument) => argument.startsWith('/app/')))
        assert.ok(existsSync(join(ROOT, path.slice('/app/'.length))), `${name} starts ${path}`)
      for (const path of volumes.filter((volume) => typeof volume === 'string' && volume.startsWith('.')) as string[])
        assert.ok(existsSync(join(ROOT, dirname(file), path.split(':')[0]!)), `${name} mounts ${path}`)
    }
})

test('every stage of the images has a version or comes from another stage', () => {
  for (const path of ['deploy/docker/Dockerfile', 'deploy/docker/dns.Dockerfile']) {
    const stages = new Set<string>()
    for (const line of readFileSync(join(ROOT, path), 'utf8').split('\n')) {
      const [, base, , stage] = /^FROM (\S+)( AS (\S+))?/.exec(line) ?? /^COPY --from=(\S+)/.exec(line) ?? []
      if (base !== undefined && !stages.has(base))
        assert.match(base, /:\d+\.\d+\.\d+|:bookworm-slim$/, `${path}: ${line}`)
      if (stage) stages.add(stage)
    }
    assert.match(readFileSync(join(ROOT, path), 'utf8'), /^USER (?!root|0)\w+$/m, path)
  }
})

test('a service waits only for what tells its state: health, or an end', () => {
  for (const file of FILES)
    for (const [name, { depends_on: needs = {}, healthcheck, restart }] of servicesOf(file)) {
      for (const [needed, { condition }] of Object.entries(needs)) {
        const service = composition(file).services[needed]
        assert.ok(service, `${name} needs ${needed}`)
        if (condition === 'service_healthy') assert.ok(service.healthcheck?.test, `${needed} has no health check`)
        else assert.equal(condition, 'service_completed_successfully', `${name} needs ${needed}`)
      }
      // What ends has an exit code instead.
      assert.equal(
        healthcheck?.disable ? restart : healthcheck?.test?.[0]?.slice(0, 3),
        healthcheck?.disable ? 'no' : 'CMD',
        name,
      )
    }
})

test('nobody is root, writes to the image, keeps capabilities, logs without end, or may take all memory', () => {
  for (const file of FILES)
    for (const [name, service] of servicesOf(file)) {
      assert.ok(service.build || service.user === '1000:1000', `${name} runs as root`)
      assert.equal(service.user ?? '1000:1000', '1000:1000', name)
      assert.ok(!service.privileged, name)
      assert.equal(service.read_only, true, name)
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
      assert.ok(service.logging?.options['max-size'] && service.logging.options['max-file'], `${name}: log`)
      assert.match(service.mem_limit ?? '', /^\d+m$/, name)
    }
})

test('no secret is in an environment', () => {
  for (const file of FILES) {
    assert.doesNotMatch(readFileSync(join(ROOT, file), 'utf8'), /\bSU[A-Z2-7]{56}\b|env_file/, file)
    for (const [name, { environment = {} }] of servicesOf(file))
      for (const variable of Object.keys(environment))
        assert.doesNotMatch(variable, /PASSWORD|SECRET|SEED|TOKEN|CREDENTIAL|_KEY$/, name)
  }
})

const mountsOf = ({ volumes = [] }: Service): Mount[] => volumes.filter((volume) => typeof volume !== 'string')
const wholeVolumesOf = ({ volumes = [] }: Service): string[] =>
  volumes.filter((volume) => typeof volume === 'string').filter((volume) => !volume.startsWith('.'))

test('each app has its own keys, read-only, and nobody else has all of them but who makes them', () => {
  for (const app of APP_NAMES) {
    const keys = mountsOf(hub.services[app]!).filter(({ source }) => source === 'broker')
    const volume = { subpath: `keys/${app}`, nocopy: true }
    assert.deepEqual(keys, [{ type: 'volume', source: 'broker', target: '/keys', read_only: true, volume }], app)
    assert.ok(app in KEY_FOLDERS, app)
  }
  const folders = (name: string) =>
    mountsOf(hub.services[name]!).flatMap(({ source, volume }) => (source === 'broker' ? [volume.subpath] : []))
  assert.deepEqual([folders('nats'), folders('nats-streams'), folders('cli')], [['hub'], ['keys/ops'], ['keys/ops']])
  const seesAll = Object.entries(hub.services).filter(([, service]) =>
    wholeVolumesOf(service).includes('broker:/broker'),
  )
  assert.deepEqual(
    seesAll.map(([name]) => name),
    ['nats-init'],
  )
})

test('each app writes its own data only; the gateway shares the archive, since it removes days for an admin', () => {
  const archive = ['flows', 'days', 'tmp']
  const expected: Record<string, string[]> = {
    ...Object.fromEntries(APP_NAMES.map((app) => [app, [app]])),
    ...{ enricher: [], archiver: archive, 'search-gw': [...archive, 'gateway'], 'dns-ingest': ['dns'], nats: ['nats'] },
  }
  for (const [name, folders] of Object.entries(expected)) {
    const mounts = mountsOf(hub.services[name]!).filter(({ source }) => source === 'data')
    assert.deepEqual(
      mounts.map(({ volume }) => volume.subpath),
      folders,
      name,
    )
    if (name !== 'nats') for (const { target, volume } of mounts) assert.equal(target, `/data/${volume.subpath}`, name)
  }
  const seesAll = Object.entries(hub.services).filter(([, service]) => wholeVolumesOf(service).includes('data:/data'))
  assert.deepEqual(
    seesAll.map(([name]) => name),
    ['nats-init', 'cli'],
  )
})

test('a folder of a volume is there before a container that mounts it: broker.sh makes it', () => {
  const script = readFileSync(join(ROOT, 'deploy/docker/broker.sh'), 'utf8')
  const made = /^mkdir -p (nats .*)$/m.exec(script)?.[1]?.split(' ') ?? []
  for (const [name, service] of Object.entries(hub.services))
    for (const { source, volume } of mountsOf(service)) {
      if (source === 'data') assert.ok(made.includes(volume.subpath), `${name}: ${volume.subpath}`)
      // Copying into a folder that is not there yet would fail when the container is made.
      assert.equal(volume.nocopy, true, name)
    }
})

test('the collector has the network of the host, and the broker is published on the loopback only', () => {
  assert.equal(hub.services.collector?.network_mode, 'host')
  const ports = ['127.0.0.1:4222:4222', `\${NETBEHAVE_SITES:-127.0.0.1:7422}:7422`]
  assert.deepEqual(hub.services.nats?.ports, ports)
  assert.equal(composition('deploy/docker/compose.site.yml').services.site?.network_mode, 'host')
})
