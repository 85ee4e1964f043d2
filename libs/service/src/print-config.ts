// The effective configuration as YAML, secrets masked. Out: what `--print-config` and `netbehave config show` print.
import { stringify } from 'yaml'
import { z } from 'zod'
import { CommonConfig } from './config.ts'
import { innerType } from './inner-type.ts'
import { isSecret, maskSecret } from './secret.ts'

/** Effective configuration of one app in the form of netbehave.yaml: common keys, then the app's section. */
export function printConfig(name: string, schema: z.ZodObject, config: Record<string, unknown>): string {
  const common = Object.fromEntries(Object.keys(CommonConfig.shape).map((key) => [key, config[key]]))
  const own = Object.fromEntries(Object.keys(schema.shape).map((key) => [key, config[key]]))
  const all = schema.safeExtend(CommonConfig.shape)
  const masked = mask({ ...common, ...own }, '', all) as Record<string, unknown>
  const pick = (keys: object) => Object.fromEntries(Object.keys(keys).map((key) => [key, masked[key]]))
  return stringify({ ...pick(common), [name]: pick(own) })
}

function mask(value: unknown, key: string, schema: z.ZodType | undefined): unknown {
  if (typeof value === 'string') return maskText(value, key, schema)
  const type = schema && innerType(schema)
  if (Array.isArray(value)) {
    const element = type instanceof z.ZodArray ? (type.element as z.ZodType) : undefined
    return value.map((item) => mask(item, key, isSecret(key, schema) ? schema : element))
  }
  if (typeof value !== 'object' || value === null) return value
  const shape = type instanceof z.ZodObject ? (type.shape as Record<string, z.ZodType>) : {}
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mask(inner, name, shape[name])]))
}

/** A password inside a URL is a secret too. */
const maskText = (text: string, key: string, schema: z.ZodType | undefined): string =>
  isSecret(key, schema) ? maskSecret(text) : text.replace(/(:\/\/[^:/@]*):[^@/]*@/, '$1:***@')
