// What survives a restart, as plain JSON: templates (their definitions as base64), sampling, interface names, the exporter's
// start. No sequence numbers: what passed while nobody listened is not a loss. Reading it checks everything, as the file may
// be damaged or forged: definitions pass the same check as on the wire, numbers and texts their ranges, counts the limits.
import { parseAddress } from '@netbehave/schema'
import type { Domain, Template } from './exporter-state.ts'
import type { ExporterStore, SavedTemplateTimes } from './exporter-store.ts'
import { chooseDefaultRate } from './read-options.ts'
import { templatesOf } from './report.ts'
import { IPFIX, NETFLOW_9, scanTemplate } from './template.ts'

export type RestoreResult = { templates: number } | { refused: string }

const VERSION = 1
const MAX_UINT32 = 4_294_967_295
const MAX_TEXT = 128

export interface SavedTemplate extends SavedTemplateTimes {
  id: number
  definition: string
}

export interface SavedDomain {
  ip: string
  version: number
  domain: number
  lastSeenMs: number
  templates: SavedTemplate[]
  samplers: [id: number, rate: number][]
  ratesByInterface: [index: number, rate: number][]
  toldRate: number
  systemInitMs: number
  interfaces: [index: number, name: string, description: string][]
}

export interface SavedState {
  v: typeof VERSION
  domains: SavedDomain[]
}

export function saveState(store: ExporterStore): SavedState {
  const domains: SavedDomain[] = []
  for (const exporter of store.exporters.values()) {
    for (const domain of exporter.domains.values()) {
      if (domain.version === NETFLOW_9 || domain.version === IPFIX) domains.push(saveDomain(domain))
    }
  }
  return { v: VERSION, domains }
}

function saveDomain(domain: Domain): SavedDomain {
  return {
    ip: domain.exporter.ip,
    version: domain.version,
    domain: domain.domain,
    lastSeenMs: domain.lastSeenMs,
    templates: [...templatesOf(domain)].map((template) => ({
      id: template.id,
      kind: template.kind,
      view: template.view,
      definition: Buffer.from(template.definition).toString('base64'),
      firstSeenMs: template.firstSeenMs,
      lastSeenMs: template.lastSeenMs,
    })),
    samplers: [...(domain.samplers ?? [])],
    ratesByInterface: [...(domain.ratesByInterface ?? [])],
    toldRate: domain.toldRate,
    systemInitMs: domain.systemInitMs,
    interfaces: [...(domain.interfaces ?? [])].map(([index, names]) => [index, names.name, names.description]),
  }
}

/** All of a saved state into an empty store, or nothing and the reason. Never throws. */
export function restoreState(store: ExporterStore, json: unknown): RestoreResult {
  if (store.exporters.size > 0) return { refused: 'datagrams were decoded before' }
  const refused = whyRefused(json, store)
  if (refused !== undefined) return { refused }
  let templates = 0
  for (const saved of (json as SavedState).domains) {
    const domain = store.domain(saved.ip, saved.version, saved.domain, saved.lastSeenMs)
    for (const template of saved.templates) {
      restoreTemplate(store, domain, template)
      templates++
    }
    restoreLearned(store, domain, saved)
  }
  return { templates }
}

/** Sampling and interface names into a domain that has none. */
export function restoreLearned(store: ExporterStore, domain: Domain, saved: SavedDomain): void {
  if (saved.samplers.length > 0) domain.samplers = new Map(saved.samplers)
  if (saved.ratesByInterface.length > 0) domain.ratesByInterface = new Map(saved.ratesByInterface)
  if (saved.interfaces.length > 0) {
    domain.interfaces = new Map(saved.interfaces.map(([index, name, description]) => [index, { name, description }]))
  }
  domain.toldRate = saved.toldRate
  domain.systemInitMs = saved.systemInitMs
  store.learned += domain.learned
  chooseDefaultRate(domain)
}

/** Adds a template whose definition was found good; the template. */
export function restoreTemplate(store: ExporterStore, domain: Domain, saved: SavedTemplate): Template {
  const definition = Buffer.from(saved.definition, 'base64')
  const fields = scanDefinition(store, domain.version, saved, definition)!
  return store.restore(domain, saved.id, definition, fields, saved)
}

/** The number of fields, or undefined when the wire would refuse the definition too. */
function scanDefinition(
  store: ExporterStore,
  version: number,
  template: SavedTemplate,
  definition: Uint8Array,
): number | undefined {
  const bytes = new Uint8Array(definition.length + 2)
  bytes[0] = template.id >>> 8
  bytes[1] = template.id
  bytes.set(definition, 2)
  if (bytes.length < 4) return undefined
  const scan = scanTemplate(bytes, 0, bytes.length, version, template.kind, store.limits.maxFieldsPerTemplate)
  return scan.refused === undefined && scan.end === bytes.length ? scan.fields : undefined
}

/** What is wrong with a saved state; undefined when every template in it would be accepted on the wire. */
export function whyRefused(json: unknown, store: ExporterStore): string | undefined {
  if (!isObject(json)) return 'not an object'
  if (json.v !== VERSION) return `version ${String(json.v).slice(0, 20)} where ${VERSION} is known`
  const { maxExporters, maxDomains, maxTemplates, maxLearned } = store.limits
  if (!Array.isArray(json.domains)) return 'domains: not a list'
  if (json.domains.length > Math.min(maxExporters, maxDomains)) return 'domains: more than the limit'
  let templates = 0
  let learned = 0
  for (const [index, domain] of json.domains.entries()) {
    const why = whyDomainRefused(domain, store)
    if (why !== undefined) return `domains[${index}].${why}`
    const saved = domain as SavedDomain
    templates += saved.templates.length
    learned += saved.samplers.length + saved.ratesByInterface.length + saved.interfaces.length
    if (templates > maxTemplates) return 'templates: more than the limit'
    if (learned > maxLearned) return 'samplers and interfaces: more than the limit'
  }
  return undefined
}

function whyDomainRefused(domain: unknown, store: ExporterStore): string | undefined {
  if (!isObject(domain)) return 'not an object'
  if (typeof domain.ip !== 'string' || domain.ip.length > 64 || !isAddress(domain.ip)) return 'ip: not an address'
  if (domain.version !== NETFLOW_9 && domain.version !== IPFIX) return 'version: neither 9 nor 10'
  if (!isUint(domain.domain, MAX_UINT32)) return 'domain: not a 32-bit number'
  if (!isUint(domain.lastSeenMs)) return 'lastSeenMs: not a time'
  if (!isUint(domain.toldRate, MAX_UINT32)) return 'toldRate: not a rate'
  if (!isUint(domain.systemInitMs)) return 'systemInitMs: not a time'
  for (const rates of ['samplers', 'ratesByInterface'] as const) {
    const list = domain[rates]
    if (!Array.isArray(list) || list.length > store.limits.maxLearnedPerDomain)
      return `${rates}: not a list within the limit`
    if (!list.every(isRate)) return `${rates}: not [id, rate]`
  }
  const { interfaces, templates } = domain
  if (!Array.isArray(interfaces) || interfaces.length > store.limits.maxLearnedPerDomain)
    return 'interfaces: not a list within the limit'
  if (!interfaces.every(isInterface)) return 'interfaces: not [index, name, description]'
  if (!Array.isArray(templates) || templates.length > store.limits.maxTemplatesPerDomain)
    return 'templates: not a list within the limit'
  for (const [index, template] of templates.entries()) {
    const why = whyTemplateRefused(template, domain.version, store)
    if (why !== undefined) return `templates[${index}]${why}`
  }
  return undefined
}

function whyTemplateRefused(template: unknown, version: number, store: ExporterStore): string | undefined {
  if (!isObject(template)) return ': not an object'
  if (!isUint(template.id, 65_535)) return '.id: not a template id'
  if (template.kind !== 'data' && template.kind !== 'options') return '.kind: neither data nor options'
  if (!isUint(template.view, 65_535)) return '.view: not a port'
  if (!isUint(template.firstSeenMs) || !isUint(template.lastSeenMs)) return '.lastSeenMs: not a time'
  const { definition } = template
  if (typeof definition !== 'string' || definition.length > 65_535 * 2 || !/^[A-Za-z0-9+/]*={0,2}$/.test(definition)) {
    return '.definition: not base64'
  }
  const bytes = Buffer.from(definition, 'base64')
  if (scanDefinition(store, version, template as unknown as SavedTemplate, bytes) === undefined) {
    return '.definition: no template that would be accepted'
  }
  return undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isUint = (value: unknown, most = Number.MAX_SAFE_INTEGER): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= most

const isRate = (entry: unknown): boolean =>
  Array.isArray(entry) && entry.length === 2 && isUint(entry[0]) && isUint(entry[1], MAX_UINT32) && entry[1] > 0

const isText = (value: unknown): boolean => typeof value === 'string' && value.length <= MAX_TEXT

const isInterface = (entry: unknown): boolean =>
  Array.isArray(entry) && entry.length === 3 && isUint(entry[0]) && isText(entry[1]) && isText(entry[2])

/** An address as a socket tells it: a link-local one names its interface after a `%`. */
const isAddress = (text: string): boolean => parseAddress(text.replace(/%[\w.-]{1,15}$/, '')) !== undefined
