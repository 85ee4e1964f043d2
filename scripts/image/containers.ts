// Runs services of a compose file without an engine: every process has the image as its root (read-only), only the mounts of its service,
// user 1000 without capabilities, and a network shared with the others and nobody else (bubblewrap in a network namespace).
// In: an image, services as compose has them. Fails: Error. Only as root.
import { chmodSync, chownSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from '@netbehave/bench'
import { type Image, lendHost } from './build.ts'

export interface Service {
  readonly image: string
  readonly entrypoint?: readonly string[]
  readonly command?: readonly string[]
  readonly working_dir?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly (string | VolumeMount)[]
  readonly healthcheck?: { readonly test?: readonly string[] }
}

export interface VolumeMount {
  readonly source: string
  readonly target: string
  readonly read_only?: boolean
  readonly volume: { readonly subpath: string }
}

export interface Containers extends AsyncDisposable {
  /** Folder of a volume. */
  volume(name: string): string
  /** Starts a service; `command` in place of its own, as `docker compose run`. */
  start(name: string, service: Service, command?: readonly string[]): Child
  /** Does the service's own health check pass? */
  isHealthy(name: string, service: Service): Promise<boolean>
}

/** `project`: where the compose file is. `names`: hosts that are found by name. */
export async function createContainers(
  image: Image,
  project: string,
  dir: string,
  names: readonly string[],
): Promise<Containers> {
  const network = startChild('unshare', ['--net', 'sh', '-c', 'ip link set lo up && echo up && exec sleep infinity'])
  await network.line((line) => line === 'up')
  const started: Child[] = []
  mkdirSync(dir, { recursive: true })
  const hosts = join(dir, 'hosts')
  writeFileSync(hosts, `127.0.0.1 ${['localhost', ...names].join(' ')}\n`)

  const volume = (name: string) => join(dir, 'volumes', name)

  function mount(entry: string | VolumeMount): string[] {
    if (typeof entry !== 'string') {
      const from = join(volume(entry.source), entry.volume.subpath)
      if (!existsSync(from)) throw new Error(`the volume ${entry.source} has no ${entry.volume.subpath}`)
      return [entry.read_only ? '--ro-bind' : '--bind', from, entry.target]
    }
    const [source = '', target = '', mode] = entry.split(':')
    const from = source.startsWith('.') ? join(project, source) : makeVolume(source, target)
    return [mode === 'ro' ? '--ro-bind' : '--bind', from, target]
  }

  /** A new volume belongs to whom the image's folder belongs. */
  function makeVolume(name: string, target: string): string {
    const path = volume(name)
    if (existsSync(path)) return path
    mkdirSync(path, { recursive: true })
    const { uid, gid } = statSync(join(image.root, target))
    chownSync(path, uid, gid)
    return path
  }

  function run(name: string, service: Service, argv: readonly string[]): Child {
    const tmp = join(dir, 'tmp', name)
    mkdirSync(tmp, { recursive: true })
    chmodSync(tmp, 0o1777)
    const env = { ...image.env, ...service.environment }
    const sandbox = [
      ...[...lendHost(image.root), '--ro-bind', hosts, '/etc/hosts', '--bind', tmp, '/tmp'],
      ...[...(service.volumes ?? []).flatMap(mount), '--remount-ro', '/'],
      ...['--clearenv', ...Object.entries(env).flatMap(([key, value]) => ['--setenv', key, value])],
      ...['--chdir', service.working_dir ?? image.workdir, '--unshare-pid', '--die-with-parent'],
    ]
    const asUser = ['--reuid=1000', '--regid=1000', '--clear-groups', '--inh-caps=-all', '--bounding-set=-all']
    const all = [
      `--net=/proc/${network.pid}/ns/net`,
      'bwrap',
      ...sandbox,
      'setpriv',
      ...asUser,
      '--no-new-privs',
      ...argv,
    ]
    const child = startChild('nsenter', all)
    started.push(child)
    return child
  }

  return {
    volume,
    start(name, service, command = service.command ?? image.command) {
      return run(name, service, [...(service.entrypoint ?? entrypointOf(service.image)), ...command])
    },
    async isHealthy(name, service) {
      const [kind, ...words] = service.healthcheck?.test ?? []
      // Compose writes a dollar sign twice.
      const test = words.map((word) => word.replaceAll('$$', '$'))
      const argv = kind === 'CMD-SHELL' ? ['sh', '-c', ...test] : test
      return (await run(name, service, argv).ended) === 0
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(started.map((child) => child.kill()))
      await network.kill()
    },
  }

  /** Those of images that are not ours. */
  function entrypointOf(name: string): readonly string[] {
    return name.startsWith('nats:') ? ['nats-server'] : image.entrypoint
  }
}
