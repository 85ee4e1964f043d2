// The effective configuration as YAML, secrets masked. Out: what `--print-config` and `netbehave config show` print.
import { stringify } from 'yaml'
import type { z } from 'zod'
import { CommonConfig } from './config.ts'
import { isSecret } from './secret.ts'

/** Effective configuration of one app in the form of netbehave.yaml: common keys, then the app's section. */
export function printConfig(name: string, schema: z.ZodObject, config: Record<string, unknown>): string {
  const common = Object.fromEntries(Object.keys(CommonConfig.shape).map((key) => [key, config[key]]))
  const own = Object.fromEntries(Object.keys(schema.shape).map((key) => [key, config[key]]))
  return stringify(mask({ ...common, [name]: own }))
}

function mask(value: unknown, key = ''): unknown {
  if (typeof value === 'string') return maskText(value, key)
  if (Array.isArray(value)) return value.map((item) => mask(item, key))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mask(inner, name)]))
}

/** A password inside a URL is a secret too. */
const maskText = (text: string, key: string): string =>
  isSecret(key) && text !== '' ? '***' : text.replace(/(:\/\/[^:/@]*):[^@/]*@/, '$1:***@')
