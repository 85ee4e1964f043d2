// Who is remembered: exporters, their domains and templates, each kind capped; the oldest-unused goes and is counted.
import { copyBytes, equalBytes } from './bytes.ts'
import { Domain, Exporter, Template } from './exporter-state.ts'
import { HeldSets } from './held-sets.ts'
import type { DecoderLimits } from './limits.ts'
import { LruList } from './lru-list.ts'
import type { Problem } from './problems.ts'
import type { LossUnit } from './sequence.ts'
import { IPFIX, NETFLOW_9, type TemplateKind } from './template.ts'

const TWO_32 = 4_294_967_296

export type CountProblem = (problem: Problem) => void

/** What a saved template says beside its definition. */
export interface SavedTemplateTimes {
  kind: TemplateKind
  /** The port that it was split off for; 0 for all ports. */
  view: number
  firstSeenMs: number
  lastSeenMs: number
}

export class ExporterStore {
  readonly limits: DecoderLimits
  readonly held: HeldSets
  readonly exporters = new Map<string, Exporter>()
  /** Counted up when something that `saveState` keeps was learned. */
  version = 0
  /** Sampling rates and interface names of all domains. */
  learned = 0
  readonly #exporterUse = new LruList<Exporter>()
  readonly #domainUse = new LruList<Domain>()
  readonly #templateUse = new LruList<Template>()
  readonly #count: CountProblem

  constructor(limits: DecoderLimits, count: CountProblem) {
    this.limits = limits
    this.#count = count
    this.held = new HeldSets(limits)
    this.held.onDropped = () => count('held-dropped')
  }

  /** The domain of a datagram, made when new. */
  domain(ip: string, version: number, domainId: number, atMs: number): Domain {
    let exporter = this.exporters.get(ip)
    if (exporter === undefined) exporter = this.#addExporter(ip, atMs)
    else this.#exporterUse.touch(exporter.inStore)
    let domain = exporter.newest
    if (domain === undefined || domain.domain !== domainId || domain.version !== version) {
      domain = exporter.domains.get(version * TWO_32 + domainId) ?? this.#addDomain(exporter, version, domainId, atMs)
      exporter.newest = domain
    }
    exporter.domainUse.touch(domain.inExporter)
    this.#domainUse.touch(domain.inStore)
    return domain
  }

  /** Marks a template as used. */
  use(template: Template): void {
    template.domain.templateUse.touch(template.inDomain)
    this.#templateUse.touch(template.inStore)
  }

  /**
   * Takes over a definition (`at` to `end`: the bytes after the template's id). The same definition again only refreshes it. A
   * different one replaces it, unless another port that is alive defined it: then the port gets a template of its own.
   * Undefined when refused by the rate limit; the definition that it contradicts is dropped then.
   */
  define(
    domain: Domain,
    id: number,
    kind: TemplateKind,
    fields: number,
    bytes: Uint8Array,
    at: number,
    end: number,
    port: number,
    atMs: number,
  ): { template: Template; isNew: boolean } | undefined {
    const known = domain.template(id, port)
    if (known && known.kind === kind && equalBytes(known.definition, bytes, at, end)) {
      known.lastSeenMs = atMs
      known.port = port
      this.use(known)
      if (known.view !== 0) this.#rejoin(known, atMs)
      return { template: known, isNew: false }
    }
    const splits = known !== undefined && known.view === 0 && this.#disagrees(domain, known, port, atMs)
    if (!this.#takeToken(domain.exporter, atMs)) {
      this.#count('template-rate')
      if (known && !splits) this.#remove(known)
      return undefined
    }
    if (splits) this.#count('template-split')
    else if (known) this.#remove(known)
    const view = splits ? port : (known?.view ?? 0)
    const template = new Template(domain, id, kind, copyBytes(bytes, at, end), fields, view, atMs)
    template.port = port
    if (known && !splits) template.firstSeenMs = known.firstSeenMs
    this.#add(template)
    this.version++
    return { template, isNew: true }
  }

  /** Adds a template that was saved: no rate limit, and no port is alive. */
  restore(domain: Domain, id: number, definition: Uint8Array, fields: number, saved: SavedTemplateTimes): Template {
    const { kind, view, firstSeenMs, lastSeenMs } = saved
    const template = new Template(domain, id, kind, definition, fields, view, firstSeenMs)
    template.lastSeenMs = lastSeenMs
    const known = view === 0 ? domain.templates.get(id) : domain.views?.get(view)?.get(id)
    if (known) this.#remove(known)
    this.#add(template)
    return template
  }

  /** A domain that is remembered. */
  known(ip: string, version: number, domainId: number): Domain | undefined {
    return this.exporters.get(ip)?.domains.get(version * TWO_32 + domainId)
  }

  /** The sequence numbers of an exporter are compared with nothing before: another collector heard it meanwhile. */
  startAfresh(ip: string): void {
    for (const { sequence, sequencesByPort } of this.exporters.get(ip)?.domains.values() ?? []) {
      sequence.startAfresh()
      for (const tracker of sequencesByPort?.values() ?? []) tracker.startAfresh()
    }
  }

  /** May one more thing be learned from options records? Counts it when it may. */
  learn(domain: Domain): boolean {
    if (this.learned >= this.limits.maxLearned || domain.learned >= this.limits.maxLearnedPerDomain) {
      this.#count('learned-limit')
      return false
    }
    this.learned++
    return true
  }

  #addExporter(ip: string, atMs: number): Exporter {
    if (this.exporters.size >= this.limits.maxExporters) this.#forgetExporter(this.#exporterUse.oldest!)
    const exporter = new Exporter(ip, this.limits.templateBurst, atMs)
    this.exporters.set(ip, exporter)
    this.#exporterUse.add(exporter.inStore)
    return exporter
  }

  #addDomain(exporter: Exporter, version: number, domainId: number, atMs: number): Domain {
    if (exporter.domains.size >= this.limits.maxDomainsPerExporter) this.#forgetDomain(exporter.domainUse.oldest!)
    if (this.#domainUse.size >= this.limits.maxDomains) this.#forgetDomain(this.#domainUse.oldest!)
    const unit = lossUnit(version)
    const maxGap = unit === 'datagrams' ? this.limits.maxGapDatagrams : this.limits.maxGapRecords
    const domain = new Domain(exporter, version, domainId, unit, maxGap, atMs)
    exporter.domains.set(version * TWO_32 + domainId, domain)
    exporter.domainUse.add(domain.inExporter)
    this.#domainUse.add(domain.inStore)
    return domain
  }

  #forgetExporter(exporter: Exporter): void {
    for (const domain of exporter.domains.values()) this.#dropDomain(domain)
    this.exporters.delete(exporter.ip)
    this.#exporterUse.remove(exporter.inStore)
    this.#count('exporter-evicted')
  }

  #forgetDomain(domain: Domain): void {
    this.#dropDomain(domain)
    this.#count('exporter-evicted')
  }

  #dropDomain(domain: Domain): void {
    const exporter = domain.exporter
    this.held.forget(exporter, domain)
    for (let template = domain.templateUse.oldest; template; template = domain.templateUse.oldest)
      this.#remove(template)
    this.learned -= domain.learned
    exporter.domains.delete(domain.version * TWO_32 + domain.domain)
    exporter.domainUse.remove(domain.inExporter)
    this.#domainUse.remove(domain.inStore)
    if (exporter.newest === domain) exporter.newest = undefined
  }

  #add(template: Template): void {
    const domain = template.domain
    if (domain.templateUse.size >= this.limits.maxTemplatesPerDomain) this.#evict(domain.templateUse.oldest!)
    if (this.#templateUse.size >= this.limits.maxTemplates) this.#evict(this.#templateUse.oldest!)
    if (template.view === 0) domain.templates.set(template.id, template)
    else this.#view(domain, template.view).set(template.id, template)
    domain.templateUse.add(template.inDomain)
    this.#templateUse.add(template.inStore)
  }

  #view(domain: Domain, port: number): Map<number, Template> {
    domain.views ??= new Map()
    let view = domain.views.get(port)
    if (view === undefined) {
      if (domain.views.size >= this.limits.maxPortsPerDomain) {
        const [oldestPort, oldest] = domain.views.entries().next().value!
        for (const template of oldest.values()) this.#evict(template)
        domain.views.delete(oldestPort)
      }
      view = new Map()
      domain.views.set(port, view)
    }
    return view
  }

  #evict(template: Template): void {
    this.#count('template-evicted')
    this.#remove(template)
  }

  #remove(template: Template): void {
    const domain = template.domain
    if (template.view === 0) domain.templates.delete(template.id)
    else domain.views?.get(template.view)?.delete(template.id)
    domain.templateUse.remove(template.inDomain)
    this.#templateUse.remove(template.inStore)
    this.version++
  }

  /** Did another port that is alive define the template? */
  #disagrees(domain: Domain, known: Template, port: number, atMs: number): boolean {
    return known.port !== port && this.#isLive(domain, known.port, atMs)
  }

  #isLive(domain: Domain, port: number, atMs: number): boolean {
    const heardMs = domain.heardMs(port)
    return heardMs !== undefined && atMs - heardMs <= this.limits.portLiveMs
  }

  /** The port from which a template was split off is silent now: it was a restart after all, and the template is for all ports. */
  #rejoin(template: Template, atMs: number): void {
    const { domain, id, view } = template
    const common = domain.templates.get(id)
    if (common && this.#isLive(domain, common.port, atMs)) return
    if (common) this.#remove(common)
    const own = domain.views?.get(view)
    own?.delete(id)
    if (own?.size === 0) domain.views?.delete(view)
    template.view = 0
    domain.templates.set(id, template)
    this.version++
  }

  #takeToken(exporter: Exporter, atMs: number): boolean {
    const { templateBurst, templatesPerSecond } = this.limits
    if (atMs > exporter.tokensAtMs) {
      const earned = ((atMs - exporter.tokensAtMs) / 1000) * templatesPerSecond
      exporter.templateTokens = Math.min(templateBurst, exporter.templateTokens + earned)
    }
    exporter.tokensAtMs = atMs
    if (exporter.templateTokens < 1) return false
    exporter.templateTokens--
    return true
  }
}

/** What the sequence numbers of a version count (v5, v7: flows; RFC 3954 §5.1; RFC 7011 §3.1). */
function lossUnit(version: number): LossUnit {
  if (version === IPFIX) return 'records'
  if (version === NETFLOW_9) return 'datagrams'
  return version === 1 ? 'none' : 'flows'
}
