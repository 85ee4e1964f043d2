// Does the steps of a Dockerfile without an engine: each stage is a folder, each RUN a process whose root is that folder (bubblewrap).
// The base images are stood in for by this machine: its /usr, its Node with npm, its nats-server. In: stages, the context. Out: the last
// stage's folder and settings. Fails: Error with the last words of the step. Only as root, as an engine is.
import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, delimiter, dirname, join, matchesGlob, resolve } from 'node:path'
import type { Stage, Step } from './dockerfile.ts'

export interface Image {
  /** The folder that is its root. */
  readonly root: string
  readonly env: Readonly<Record<string, string>>
  readonly workdir: string
  readonly user: string
  readonly entrypoint: readonly string[]
  readonly command: readonly string[]
}

const PATH = '/usr/local/bin:/usr/bin:/bin'
const LAST_WORDS = 2_000

/** Builds all stages in folders of `dir`, each as soon as those are there that it copies from. */
export async function buildImage(stages: readonly Stage[], context: string, dir: string): Promise<Image> {
  const built = new Map<string, Promise<Image>>()
  for (const [i, stage] of stages.entries())
    built.set(stage.name || String(i), buildStage(stage, { context, root: join(dir, `stage-${i}`), built }))
  const images = await Promise.all(built.values())
  return images.at(-1)!
}

interface Place {
  readonly context: string
  readonly root: string
  readonly built: ReadonlyMap<string, Promise<Image>>
}

async function buildStage(stage: Stage, { context, root, built }: Place): Promise<Image> {
  const earlier = new Map(built)
  const base = await earlier.get(stage.base)
  let image: Image = base
    ? { ...base, root }
    : { root, env: { PATH }, workdir: '/', user: 'root', entrypoint: [], command: [] }
  if (base) copyTree(base.root, root)
  else makeBase(stage.base, root)
  for (const step of stage.steps) image = await doStep(step, image, context, earlier)
  return image
}

async function doStep(
  step: Step,
  image: Image,
  context: string,
  built: ReadonlyMap<string, Promise<Image>>,
): Promise<Image> {
  switch (step.kind) {
    case 'copy': {
      const stage = step.from === undefined ? undefined : await built.get(step.from)
      for (const source of step.sources) {
        const from =
          step.from === undefined || stage ? join(stage?.root ?? context, source) : ofImage(step.from, source)
        copyInto(from, step.to, image, stage !== undefined)
      }
      return image
    }
    case 'run':
      await run(step.command, image)
      return image
    case 'workdir':
      mkdirSync(join(image.root, step.path), { recursive: true })
      return { ...image, workdir: step.path }
    case 'env':
      return { ...image, env: { ...image.env, ...step.values } }
    case 'user':
      return { ...image, user: step.name }
    case 'entrypoint':
      return { ...image, entrypoint: step.argv, command: [] }
    case 'cmd':
      return { ...image, command: step.argv }
  }
}

/** A folder's content goes into the target, a file to it, or into it where it ends in a slash. */
function copyInto(from: string, to: string, { root, workdir }: Image, isOfStage: boolean): void {
  if (!existsSync(from)) throw new Error(`COPY: ${from} is not there`)
  const target = join(root, resolve(workdir, to))
  if (from.endsWith('/')) {
    // A stage is complete when it is copied from: names of the same files are enough.
    copyTree(from, target, isOfStage ? ['--link'] : [])
    return
  }
  const path = to.endsWith('/') ? join(target, basename(from)) : target
  mkdirSync(dirname(path), { recursive: true })
  cpSync(from, path)
}

function copyTree(from: string, to: string, options: readonly string[] = []): void {
  mkdirSync(to, { recursive: true })
  const { status, stderr } = spawnSync('cp', ['-a', '--reflink=auto', ...options, `${from}/.`, to], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
}

/** What our images need of theirs: Node, npm, a user of number 1000. /usr and /etc are lent when a process runs. */
function makeBase(name: string, root: string): void {
  if (!name.startsWith('node:')) throw new Error(`no stand-in for ${name}`)
  const version = /^node:([\d.]+)/.exec(name)?.[1]
  if (process.versions.node.split('.')[0] !== version?.split('.')[0])
    throw new Error(`${name} is another Node than this`)
  for (const folder of ['usr/local/bin', 'usr/local/lib/node_modules', 'etc', 'root', 'tmp', 'proc', 'dev'])
    mkdirSync(join(root, folder), { recursive: true })
  for (const link of ['bin', 'sbin', 'lib', 'lib64']) symlinkSync(`usr/${link}`, join(root, link))
  writeFileSync(join(root, 'etc/passwd'), 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n')
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nnode:x:1000:\n')
  cpSync(process.execPath, join(root, 'usr/local/bin/node'))
  const npm = dirname(dirname(realpathSync(findProgram('npm'))))
  copyTree(npm, join(root, 'usr/local/lib/node_modules/npm'))
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(root, 'usr/local/bin/npm'))
}

/** A file of an image that nobody can pull here: the program of that name on this machine. */
function ofImage(image: string, path: string): string {
  const program = basename(path)
  if (!image.startsWith('nats:') || program !== 'nats-server') throw new Error(`no stand-in for ${path} of ${image}`)
  return realpathSync(process.env.NATS_SERVER_BIN ?? findProgram(program))
}

function findProgram(name: string): string {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(existsSync)
  if (found === undefined) throw new Error(`${name} is not on PATH`)
  return found
}

/** The host's /usr below the image's own /usr/local; its /etc, for name servers and certificates, below the image's users. */
export function lendHost(root: string): string[] {
  const own = (path: string) => ['--bind', join(root, path), `/${path}`]
  return [
    ...['--bind', root, '/', '--ro-bind', '/usr', '/usr', ...own('usr/local')],
    ...['--ro-bind', '/etc', '/etc', ...own('etc/passwd'), ...own('etc/group'), '--proc', '/proc', '--dev', '/dev'],
  ]
}

/** Where an image's root is at home. */
const ROOT_HOME = '/root'

/** As root, as an engine does; writes nowhere but to the stage, a /tmp of its own and npm's cache. */
async function run(command: string, { root, env, workdir }: Image): Promise<void> {
  const npmrc = join(homedir(), '.npmrc')
  const cache = spawnSync('npm', ['config', 'get', 'cache'], { encoding: 'utf8' }).stdout.trim()
  const settings = Object.entries(process.env).filter(([name]) =>
    /^(npm_config_.*|node_extra_ca_certs|https?_proxy|no_proxy)$/i.test(name),
  ) as [string, string][]
  const all = { ...env, ...Object.fromEntries(settings), HOME: ROOT_HOME, npm_config_prefer_offline: 'true' }
  mkdirSync(cache, { recursive: true })
  const sandbox = [
    ...[...lendHost(root), '--tmpfs', '/tmp', '--bind', cache, `${ROOT_HOME}/.npm`],
    ...['--ro-bind-try', npmrc, `${ROOT_HOME}/.npmrc`],
    ...['--clearenv', ...Object.entries(all).flatMap(([name, value]) => ['--setenv', name, value])],
    ...['--chdir', workdir, '--die-with-parent', 'sh', '-c', command],
  ]
  const child = spawn('bwrap', sandbox, { stdio: ['ignore', 'pipe', 'pipe'] })
  let words = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      words = (words + chunk).slice(-LAST_WORDS)
    })
  const code = await new Promise((resolve, reject) => child.on('close', resolve).on('error', reject))
  if (code !== 0) throw new Error(`RUN ${command} ended with ${code}: ${words}`)
}

/** Copies what an engine would be sent: the files that git knows or would take, less those of .dockerignore. */
export function copyContext(repository: string, to: string): string[] {
  const { stdout } = spawnSync('git', ['ls-files', '-z', '-co', '--exclude-standard'], {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const ignored = readFileSync(join(repository, '.dockerignore'), 'utf8').split('\n').filter(Boolean)
  const isIgnored = (path: string) =>
    path.split('/').some((_, i, parts) => ignored.some((glob) => matchesGlob(parts.slice(0, i + 1).join('/'), glob)))
  const files = stdout
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(repository, path)) && !isIgnored(path))
  for (const path of files) {
    mkdirSync(dirname(join(to, path)), { recursive: true })
    cpSync(join(repository, path), join(to, path), { verbatimSymlinks: true })
  }
  return files
}
