// docker-compose.yml and deploy/: no Docker engine is needed to see that they fit the tree and keep their promises.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'

interface Service {
  image: string
  build?: { dockerfile: string }
  command?: string[]
  user?: string
  read_only?: boolean
  mem_limit?: string
  cap_drop?: string[]
  environment?: Record<string, string>
  volumes?: string[]
  network_mode?: string
  healthcheck?: unknown
  depends_on?: Record<string, { condition: string }>
}

const ROOT = new URL('../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, ROOT), 'utf8')
const { services, volumes } = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, null>
}

test('every image is pinned or built here, and every command names a file that exists', () => {
  for (const [name, { image, build, command }] of Object.entries(services)) {
    assert.match(image, /:\d+\.\d+\.\d+/, name)
    if (!build) continue
    assert.ok(existsSync(new URL(build.dockerfile, ROOT)), name)
    const file = command?.find((argument) => !argument.startsWith('-'))
    assert.ok(file && existsSync(new URL(file, ROOT)), name)
  }
})

test('a service waits only for what tells its state: health, or an end', () => {
  for (const [name, { depends_on: needs = {} }] of Object.entries(services)) {
    for (const [needed, { condition }] of Object.entries(needs)) {
      assert.ok(services[needed], `${name} needs ${needed}`)
      if (condition === 'service_healthy') assert.ok(services[needed].healthcheck, `${needed} has no health check`)
      else assert.equal(condition, 'service_completed_successfully', `${name} needs ${needed}`)
    }
  }
})

test('nobody is root, writes to the image, keeps capabilities or holds a secret in its environment', () => {
  assert.match(read('deploy/docker/Dockerfile'), /^USER node$/m)
  for (const [name, service] of Object.entries(services)) {
    assert.ok(service.build || service.user, `${name} runs as root`)
    assert.notEqual(service.user, '0:0', name)
    assert.equal(service.read_only, true, name)
    assert.deepEqual(service.cap_drop, ['ALL'], name)
    for (const variable of Object.keys(service.environment ?? {}))
      assert.doesNotMatch(variable, /PASSWORD|SECRET|SEED|TOKEN/)
  }
})

test('the collector has the network of the host, and each service writes its own data only', () => {
  assert.equal(services.collector?.network_mode, 'host')
  // The gateway removes days for an admin and keeps its users beside them: it shares the archive with the archiver.
  assert.deepEqual(services['search-gw']?.volumes, ['archive:/data'])
  const volumesOf = Object.entries(services).flatMap(([name, { volumes = [] }]) =>
    name === 'search-gw' ? [] : volumes,
  )
  // What another service writes may be read.
  const isShared = (volume: string) => !volume.startsWith('.') && volume.endsWith(':ro')
  const used = volumesOf.filter((volume) => !isShared(volume)).map((volume) => volume.split(':')[0]!)
  const named = used.filter((volume) => !volume.startsWith('.'))
  assert.deepEqual(named.sort(), Object.keys(volumes).sort())
  for (const path of used.filter((volume) => volume.startsWith('.'))) assert.ok(existsSync(new URL(path, ROOT)), path)
})

test('nats-server accepts deploy/nats/nats.conf', () => {
  const dir = mkdtempSync(join(tmpdir(), 'netbehave-nats-conf-'))
  const file = join(dir, 'nats.conf')
  writeFileSync(file, read('deploy/nats/nats.conf').replace('/data/jetstream', dir))
  const run = spawnSync(process.env.NATS_SERVER_BIN ?? 'nats-server', ['-t', '-c', file], { encoding: 'utf8' })
  assert.equal(run.status, 0, run.stderr)
})
