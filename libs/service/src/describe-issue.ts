// What zod found → one sentence in the words of whoever wrote the value: the key as it was written, what was found, what it
// must be, an example of that very key. In: an issue, the values, where each came from. Out: text.
import { z } from 'zod'
import { innerType } from './inner-type.ts'
import { nearest } from './nearest.ts'
import { isSecret } from './secret.ts'

type Path = readonly PropertyKey[]
/** The name under which the value at a path was given: `--listen`, `COLLECTOR_LISTEN`, `netbehave.yaml: collector.listen`. */
export type OriginOf = (path: Path) => string

const FOUND_LENGTH = 60

export function describeIssue(
  issue: z.core.$ZodIssue,
  schema: z.ZodObject,
  values: Readonly<Record<string, unknown>>,
  originOf: OriginOf,
): string {
  if (issue.code === 'unrecognized_keys') return describeUnknown(issue.keys, issue.path, schema, originOf)
  const { key, path, isItem } = findKey(schema, issue.path)
  const within = issuesWithin(issue, key, at(values, issue.path))
  if (within) return within.map((one) => describeIssue(one, schema, values, originOf)).join('\n')
  const found = describeFound(path, at(values, isItem ? issue.path : path), key)
  const origin = originOf(path)
  const example = exampleOf(key, isItem)
  const isOwnSentence = issue.code === 'custom' || (issue.code === 'invalid_format' && issue.format === 'regex')
  if (isOwnSentence) return describeOwn(origin, found, issue.message, example)
  const wanted = isItem && innerType(key) instanceof z.ZodArray ? (innerType(key) as z.ZodArray).element : key
  const subject = isItem ? `${origin} holds ${found}; every entry` : `${origin} is ${found}; it`
  return `${subject} must be ${expected(wanted as z.ZodType)}${forExample(example)}`
}

/** Of a map where a list has text or maps: what is wrong in it. For anything else, undefined. */
function issuesWithin(issue: z.core.$ZodIssue, key: z.ZodType, value: unknown): z.core.$ZodIssue[] | undefined {
  if (entryMapOf(key) === undefined || issue.code !== 'invalid_union' || typeof value !== 'object' || value === null)
    return undefined
  const ofMap = issue.errors.find((found) => !found.some(({ code, path }) => code === 'invalid_type' && !path.length))
  return ofMap?.map((one) => ({ ...one, path: [...issue.path, ...one.path] }))
}

/** The sentences of our own checks say what would be right; what they leave out is added. */
function describeOwn(origin: string, found: string, message: string, example: string | undefined): string {
  const isComplete = /example|like /.test(message)
  const told = message.includes(found) ? `${origin}: ${message}` : `${origin} is ${found}: ${message}`
  return isComplete ? told : `${told}${forExample(example)}`
}

const forExample = (example: string | undefined): string => (example === undefined ? '' : `, for example ${example}`)

function describeUnknown(keys: readonly string[], path: Path, schema: z.ZodObject, originOf: OriginOf): string {
  const { key } = findKey(schema, path)
  const known = Object.keys((entryMapOf(key) ?? mapOf(key))?.shape ?? {})
  return keys.map((name) => `${originOf([...path, name])}: unknown key${nearest(name, known)}`).join('\n')
}

/** The schema of the key that a path goes to or through; `isItem`: the path goes into its value. */
function findKey(schema: z.ZodObject, whole: Path): { key: z.ZodType; path: Path; isItem: boolean } {
  let key: z.ZodType = schema
  for (const [i, name] of whole.entries()) {
    const inner = innerType(key)
    // Into an entry of a list of maps, where the issue lies deeper.
    const element = inner instanceof z.ZodArray && i + 1 < whole.length ? (inner.element as z.ZodType) : undefined
    const map = element && mapOf(element)
    const shape = inner instanceof z.ZodObject ? (inner.shape as Record<string, z.ZodType>) : {}
    const next = map ?? shape[String(name)]
    if (next === undefined) return { key, path: whole.slice(0, i), isItem: true }
    key = next
  }
  return { key, path: whole, isItem: false }
}

function entryMapOf(schema: z.ZodType): z.ZodObject | undefined {
  const inner = innerType(schema)
  return inner instanceof z.ZodArray ? mapOf(inner.element as z.ZodType) : undefined
}

/** The map that a value is, or may be beside other forms. */
function mapOf(schema: z.ZodType): z.ZodObject | undefined {
  const inner = innerType(schema)
  if (inner instanceof z.ZodUnion) return (inner.options as z.ZodType[]).map(mapOf).find((map) => map !== undefined)
  return inner instanceof z.ZodObject ? inner : undefined
}

function at(values: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, name) => (value as Record<PropertyKey, unknown> | undefined)?.[name], values)
}

function describeFound(path: Path, value: unknown, schema: z.ZodType): string {
  if (value === undefined || value === null) return 'empty'
  if (isSecret(String(path.at(-1)), schema)) return 'something else (not shown, as it is a secret)'
  if (value === '') return 'empty'
  const text = JSON.stringify(value)
  if (text.length <= FOUND_LENGTH) return Array.isArray(value) && value.length === 0 ? 'an empty list' : text
  if (Array.isArray(value)) return `a list of ${value.length}`
  return typeof value === 'object' ? 'a map' : `${text.slice(0, FOUND_LENGTH)}…`
}

/** What a value of this type is, in words. */
function expected(schema: z.ZodType): string {
  const orNothing = schema.safeParse(null).success ? ', or empty' : ''
  return `${expectedValue(innerType(schema))}${orNothing}`
}

function expectedValue(type: z.ZodType): string {
  if (type instanceof z.ZodNumber) return expectedNumber(type)
  if (type instanceof z.ZodBoolean) return 'true or false'
  if (type instanceof z.ZodEnum) return `one of ${type.options.join(', ')}`
  if (type instanceof z.ZodArray) return type.safeParse([]).success ? 'a list' : 'a list with at least one entry'
  if (type instanceof z.ZodUnion) return type.options.map((option) => expectedValue(option as z.ZodType)).join(', or ')
  if (type instanceof z.ZodRecord) return `a map of names, each with ${expectedValue(type.valueType as z.ZodType)}`
  if (type instanceof z.ZodObject) return `a map of keys (${Object.keys(type.shape).join(', ')})`
  return 'text'
}

function expectedNumber(type: z.ZodNumber): string {
  const { minValue, maxValue, isInt } = type
  const least = Number.isFinite(minValue) && minValue! > Number.MIN_SAFE_INTEGER ? minValue : undefined
  const most = Number.isFinite(maxValue) && maxValue! < Number.MAX_SAFE_INTEGER ? maxValue : undefined
  const kind = isInt ? 'a whole number' : 'a number'
  if (least !== undefined && most !== undefined) return `${kind} from ${least} to ${most}`
  if (least !== undefined) return `${kind} from ${least} up`
  return most === undefined ? kind : `${kind} up to ${most}`
}

/** As it stands in the file: what the schema names as example, else the default, else the least that is allowed. */
function exampleOf(schema: z.ZodType, isItem: boolean): string | undefined {
  const examples = schema.meta()?.examples
  const value = (Array.isArray(examples) ? examples[0] : undefined) ?? defaultOf(schema) ?? leastOf(innerType(schema))
  if (value === undefined || value === null || value === '') return undefined
  if (Array.isArray(value)) {
    if (value.length === 0) return undefined
    return isItem ? String(value[0]) : `[${value.map((entry) => JSON.stringify(entry)).join(', ')}]`
  }
  return typeof value === 'object' ? undefined : String(value)
}

function defaultOf(schema: z.ZodType): unknown {
  const { def } = schema as unknown as { def: { defaultValue?: unknown } }
  return schema instanceof z.ZodDefault ? def.defaultValue : undefined
}

const leastOf = (type: z.ZodType): unknown => (type instanceof z.ZodNumber ? type.minValue : undefined)
