// Configuration of one app: defaults < netbehave.yaml < environment < flags. In: a zod schema of the app's own keys.
// Fails: ConfigError, with one finding a line that names the key, where it came from and what would be right.
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { parseArgs } from 'node:util'
import { APP_NAMES, isSubjectToken, toSubjectToken } from '@netbehave/schema'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { describeIssue, type OriginOf } from './describe-issue.ts'
import { innerType } from './inner-type.ts'
import { nearest } from './nearest.ts'
import { readText } from './read-text.ts'
import { describeSystemError, systemCode } from './system-error.ts'

const token = z.string().refine(isSubjectToken, 'use 1 to 64 letters, digits, _ or -')

/** Keys that every app has; top level of netbehave.yaml, `NETBEHAVE_…` in the environment. */
export const CommonConfig = z.strictObject({
  site: token.default('home').describe('name of the site where this runs; part of every flow'),
  instance: token
    .default(() => toSubjectToken(hostname()))
    .describe('name of this copy among those of the same app and site; default: the host name'),
  dataDir: z.string().min(1).default('./data').describe('folder that holds everything NetBehave keeps'),
  brokerUrl: z
    .string()
    .min(1)
    .default('nats://127.0.0.1:4222')
    .describe('address of nats-server; `tls://HOST:PORT` when it has certificates, several with commas between them'),
  brokerKeys: z
    .string()
    .default('')
    .describe(
      'folder with the keys of the roles (`netbehave broker init` makes them); empty: the broker asks for none',
    ),
  brokerCa: z
    .string()
    .default('')
    .describe(
      "file with the CA of the broker's certificate (`tls/ca.pem` of `netbehave broker init`); empty: the CAs that Node knows",
    ),
  healthFile: z
    .string()
    .default('')
    .describe('file that is touched every 5 s while the app is ready and not stuck, for health checks; empty: none'),
  logLevel: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('least level that is logged'),
})
export type CommonConfig = z.infer<typeof CommonConfig>

/** Configuration that cannot be used; `findings` are sentences. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly findings: readonly string[]

  constructor(findings: readonly string[]) {
    super(findings.join('\n'))
    this.findings = findings
  }
}

export interface ConfigSources {
  /** Flags without the program's name. */
  argv: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  /** Sections that other programs own; their keys are not looked at here. */
  otherSections?: readonly string[]
}

type Shape = Record<string, z.ZodType>
/** One level of `a.b` keys is enough for every app. */
type Key = { path: readonly string[]; schema: z.ZodType; flag: string; env: string }

export const CONFIG_FILE = 'netbehave.yaml'

/**
 * The effective configuration of app `name`: the common keys and its own, in one object.
 * `--config FILE` or NETBEHAVE_CONFIG names the file; else ./netbehave.yaml is read when it is there.
 */
export function loadConfig<S extends z.ZodObject>(
  name: string,
  schema: S,
  sources: ConfigSources,
): CommonConfig & z.infer<S> {
  // The schema's own rules between keys stay in force.
  const whole = schema.safeExtend(CommonConfig.shape) as z.ZodObject
  const findings: string[] = []
  const values: Record<string, unknown> = {}
  /** Flag or variable by path; what is not in here came from the file. */
  const origins = new Map<string, string>()
  const { flags, file, required } = readFlags(name, schema, sources, findings)
  merge(values, readFile(file, required, name, schema, sources.otherSections ?? [], findings))
  for (const key of keysOf(name, schema)) {
    const given = flags.get(key.flag)
    // A flag that is given again adds to a list and replaces anything else.
    const text =
      (innerType(key.schema) instanceof z.ZodArray ? given?.join(',') : given?.at(-1)) ?? sources.env[key.env]
    if (text === undefined) continue
    origins.set(key.path.join('.'), given ? `--${key.flag}` : key.env)
    put(values, key.path, readText(key.schema, text))
  }
  findUnknownEnvironment(name, schema, sources.env, findings)
  const originOf: OriginOf = (path) => origins.get(path.join('.')) ?? inFile(file, name, path)
  const parsed = whole.safeParse(values)
  for (const issue of parsed.error?.issues ?? []) {
    // Unknown keys of the section itself are told already.
    if (issue.code === 'unrecognized_keys' && issue.path.length === 0) continue
    findings.push(describeIssue(issue, whole, values, originOf))
  }
  if (findings.length > 0) throw new ConfigError(findings)
  return parsed.data as CommonConfig & z.infer<S>
}

/** A key as it stands in the file: common keys at the top, others in the section of their app. */
const inFile = (file: string, name: string, path: readonly PropertyKey[]): string =>
  `${file}: ${[...(Object.hasOwn(CommonConfig.shape, path[0] ?? '') ? [] : [name]), ...path.map(String)].join('.')}`

/** Every key of an app with its flag and environment name, common keys first. */
export function keysOf(name: string, schema: z.ZodObject): Key[] {
  const common = keysOfShape(CommonConfig.shape, [], 'NETBEHAVE')
  return [...common, ...keysOfShape(schema.shape as Shape, [], envName(name))]
}

function keysOfShape(shape: Shape, path: string[], prefix: string): Key[] {
  return Object.entries(shape).flatMap(([name, schema]) => {
    const at = [...path, name]
    const inner = innerType(schema)
    if (inner instanceof z.ZodObject) return keysOfShape(inner.shape as Shape, at, `${prefix}_${envName(name)}`)
    const env = schema.meta()?.env // a name that the variable had before there was a rule for names
    const flag = at.map(kebab).join('-')
    return [{ path: at, schema, flag, env: typeof env === 'string' ? env : `${prefix}_${envName(name)}` }]
  })
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
const envName = (name: string): string => kebab(name).replaceAll('-', '_').toUpperCase()

function readFlags(name: string, schema: z.ZodObject, sources: ConfigSources, findings: string[]) {
  const keys = keysOf(name, schema)
  const known = ['config', ...keys.map((key) => key.flag)]
  const options = Object.fromEntries(known.map((flag) => [flag, { type: 'string', multiple: true }] as const))
  const { tokens } = parseArgs({
    args: [...sources.argv],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  })
  const flags = new Map<string, string[]>()
  for (const token of tokens) {
    if (token.kind === 'positional') findings.push(`${token.value}: not understood; flags begin with --`)
    if (token.kind !== 'option') continue
    if (!known.includes(token.name))
      findings.push(`--${token.name}: unknown${nearest(token.name, known, (k) => `--${k}`)}`)
    else if (token.value === undefined) findings.push(`--${token.name}: needs a value`)
    else flags.set(token.name, [...(flags.get(token.name) ?? []), token.value])
  }
  const named = flags.get('config')?.at(-1) ?? sources.env.NETBEHAVE_CONFIG
  return { flags, file: named ?? CONFIG_FILE, required: named !== undefined }
}

function readFile(
  file: string,
  required: boolean,
  name: string,
  schema: z.ZodObject,
  otherSections: readonly string[],
  findings: string[],
): Record<string, unknown> {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (required || systemCode(error) !== 'ENOENT') {
      findings.push(`${file} cannot be read: ${describeSystemError(error)}; name the file to read with --config`)
    }
    return {}
  }
  const document = parseDocument(text)
  if (document.errors.length > 0) {
    findings.push(...document.errors.map((error) => `${file}: not YAML: ${error.message.split('\n')[0]}`))
    return {}
  }
  const content: unknown = document.toJS() ?? {}
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    findings.push(`${file}: holds no keys; write for example "site: home"`)
    return {}
  }
  const common = Object.keys(CommonConfig.shape)
  const sections: string[] = [...APP_NAMES, ...otherSections]
  const values: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(content)) {
    if (common.includes(key)) values[key] = value
    else if (key === name) merge(values, readSection(file, name, value, schema, findings))
    else if (!sections.includes(key))
      findings.push(`${file}: unknown key "${key}"${nearest(key, [...common, ...sections])}`)
  }
  return values
}

function readSection(file: string, name: string, section: unknown, schema: z.ZodObject, findings: string[]) {
  if (section === null) return {}
  if (typeof section !== 'object' || Array.isArray(section)) {
    findings.push(
      `${file}: ${name} is ${JSON.stringify(section)}; it must be a map of keys, one a line below "${name}:"`,
    )
    return {}
  }
  const known = Object.keys(schema.shape)
  for (const key of Object.keys(section)) {
    if (!known.includes(key))
      findings.push(`${file}: unknown key "${name}.${key}"${nearest(key, known, (k) => `${name}.${k}`)}`)
  }
  return section as Record<string, unknown>
}

/** A misspelled variable with our prefix is found, others' variables are not ours to judge. */
function findUnknownEnvironment(
  name: string,
  schema: z.ZodObject,
  env: ConfigSources['env'],
  findings: string[],
): void {
  const prefix = `${envName(name)}_`
  const known = keysOf(name, schema).map((key) => key.env)
  for (const variable of Object.keys(env)) {
    if (!variable.startsWith(prefix) || known.includes(variable)) continue
    findings.push(`${variable}: unknown variable${nearest(variable, known)}`)
  }
}

function merge(into: Record<string, unknown>, from: Record<string, unknown>): void {
  for (const [key, value] of Object.entries(from)) into[key] = value
}

function put(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  let at = values
  for (const name of path.slice(0, -1)) {
    const next = at[name]
    at[name] = typeof next === 'object' && next !== null ? { ...next } : {}
    at = at[name] as Record<string, unknown>
  }
  at[path.at(-1)!] = value
}
