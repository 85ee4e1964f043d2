// The rules about who may import whom, and a checker that says what breaks them. Input: the workspaces with their files
// as text; output: one line per violation. It reads import specifiers, not code: a name in a comment is not an import.
import { posix } from 'node:path'

export type Workspace = {
  /** From the root of the repository, `apps/collector`. */
  path: string
  /** npm name, `@netbehave/collector`. */
  name: string
  /** Names in dependencies, devDependencies and peerDependencies. */
  dependencies: string[]
  /** Text by path within the workspace, `src/main.ts`. */
  files: Record<string, string>
}

/** What may not be named in a library's own code (its tests may). */
type Purity = { imports: (specifier: string) => boolean; code: RegExp[]; because: string }

const PURE_LIBRARIES: Record<string, Purity> = {
  'libs/netflow': {
    imports: (name) =>
      /^(node:)?(dgram|net|tls|http|https|fs|fs\/promises|timers\/promises)$/.test(name) || isOutside(name),
    code: [
      /\bDate\.now\b/,
      /\bnew Date\(\s*\)/,
      /\bperformance\.now\b/,
      /\bset(?:Timeout|Interval)\s*\(/,
      /\bprocess\./,
    ],
    because: 'libs/netflow has no sockets, clock, broker or logger',
  },
  'libs/filter': {
    imports: (name) => name.startsWith('node:') || isOutside(name),
    code: [/\bprocess\./, /\bBuffer\b/],
    because: 'libs/filter runs in the browser too',
  },
}

/** `netbehave up` starts the apps; nothing else in the command line program may. */
const CLI_UP = /^src\/up(?:\/|[-.])/

/** @returns one line per violation: `apps/collector/src/main.ts imports …: why not` */
export function findViolations(workspaces: Workspace[]): string[] {
  const byName = new Map(workspaces.map((workspace) => [workspace.name, workspace]))
  const violations: string[] = []
  for (const from of workspaces) {
    for (const [file, text] of Object.entries(from.files)) {
      for (const specifier of importsOf(text)) {
        const why = whyNot(from, file, specifier, byName)
        if (why) violations.push(`${from.path}/${file} imports ${specifier}: ${why}`)
      }
      violations.push(...impureCode(from, file, text))
    }
  }
  return violations
}

function whyNot(from: Workspace, file: string, specifier: string, byName: Map<string, Workspace>): string | undefined {
  const purity = PURE_LIBRARIES[from.path]
  if (purity && isOwnCode(file) && purity.imports(specifier)) return purity.because
  if (specifier.startsWith('.')) {
    const target = posix.join(from.path, posix.dirname(file), specifier)
    return target.startsWith(`${from.path}/`) ? undefined : 'a path may not leave its workspace; import it by name'
  }
  const name = specifier.split('/').slice(0, 2).join('/')
  const to = byName.get(name)
  if (!to) return name.startsWith('@netbehave/') ? 'there is no such workspace' : undefined
  if (/^(src|test|bench)(\/|$)/.test(specifier.slice(name.length + 1))) {
    return 'import what the workspace exports, not a file inside it'
  }
  if (to === from) return undefined
  if (!from.dependencies.includes(name)) return `${from.path}/package.json does not name it`
  if (from.path === 'libs/schema') return 'libs/schema imports no other workspace'
  if (!to.path.startsWith('apps/')) return undefined
  if (from.path === 'apps/e2e' || (from.path === 'apps/cli' && CLI_UP.test(file))) return undefined
  return from.path.startsWith('libs/') ? 'libraries never import apps' : 'apps never import apps'
}

function impureCode(from: Workspace, file: string, text: string): string[] {
  const purity = PURE_LIBRARIES[from.path]
  if (!purity || !isOwnCode(file)) return []
  const code = withoutComments(text)
  const found = purity.code.map((pattern) => pattern.exec(code)?.[0]).filter((name) => name !== undefined)
  return found.map((name) => `${from.path}/${file} uses ${name.trim()}: ${purity.because}`)
}

/** Code that others import, not its tests and benchmarks. */
function isOwnCode(file: string): boolean {
  return file.startsWith('src/') && !/(\.test\.ts|^src\/testing)/.test(file)
}

/** Packages that bring a socket, a broker, a logger or a database. */
function isOutside(specifier: string): boolean {
  return /^(pino|pino-pretty|prom-client|ws|express|better-sqlite3|@nats-io\/|@duckdb\/|@netbehave\/(broker|service|sqlite|history)\b)/.test(
    specifier,
  )
}

/** Specifiers of static, dynamic and re-exporting imports, and of `import('…')` types, also those over several lines. */
export function importsOf(text: string): string[] {
  const code = withoutComments(text)
  const forms = [
    /\b(?:import|export)\s+(?:type\s+)?(?:[\w*{}\s,$]+?\s+from\s*)?['"]([^'"\n]+)['"]/g,
    /\b(?:import|require|import\.meta\.resolve)\s*\(\s*['"`]([^'"`\n]+)['"`]/g,
  ]
  const found = forms.flatMap((form) => [...code.matchAll(form)].map((match) => match[1] ?? ''))
  return [...new Set(found)]
}

/** Good enough for looking for names: a `//` inside a string may cut the rest of its line, but never adds an import. */
function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, ' ').replaceAll(/(^|[^:'"`\\])\/\/[^\n]*/g, '$1')
}
