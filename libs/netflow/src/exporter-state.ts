// What is remembered of exporters: exporter (address) → domain (version and observation domain) → templates. Plain state; who
// comes and goes is decided in exporter-store.ts.
import type { ExporterEntry } from '@netbehave/schema'
import type { Program } from './compile-template.ts'
import { ExportClock } from './export-clock.ts'
import type { HeldSet } from './held-sets.ts'
import { LruLink, LruList } from './lru-list.ts'
import { type ProblemCounts, zeroProblems } from './problems.ts'
import { type LossUnit, SequenceTracker } from './sequence.ts'
import { type Field, readFields, type TemplateKind, VARIABLE_LENGTH } from './template.ts'

export class Template {
  readonly id: number
  readonly kind: TemplateKind
  /** The definition's bytes after the id. */
  readonly definition: Uint8Array
  readonly fields: number
  readonly domain: Domain
  /** The port that it is kept for after a split; 0 is "all ports". */
  view: number
  /** The port that defined it last; 0 after a restore. */
  port: number
  firstSeenMs: number
  lastSeenMs: number
  /** Compiled when first needed: a data template's program, an options template's fields. */
  program: Program | undefined = undefined
  options: readonly Field[] | undefined = undefined
  readonly inDomain: LruLink<Template> = new LruLink<Template>(this)
  readonly inStore: LruLink<Template> = new LruLink<Template>(this)

  constructor(
    domain: Domain,
    id: number,
    kind: TemplateKind,
    definition: Uint8Array,
    fields: number,
    view: number,
    atMs: number,
  ) {
    this.domain = domain
    this.id = id
    this.kind = kind
    this.definition = definition
    this.fields = fields
    this.view = view
    this.port = view
    this.firstSeenMs = atMs
    this.lastSeenMs = atMs
  }

  /** Bytes of one record, of variable-length fields their length byte. */
  get recordBytes(): number {
    let bytes = 0
    for (const { length } of readFields(this.definition, this.domain.version, this.kind)) {
      bytes += length === VARIABLE_LENGTH ? 1 : length
    }
    return bytes
  }

  /** Has it fields of variable length? */
  get isVariable(): boolean {
    const fields = readFields(this.definition, this.domain.version, this.kind)
    return fields.some((field) => field.length === VARIABLE_LENGTH)
  }
}

/** A template that data came for, but not its definition. */
export interface Awaited {
  sinceMs: number
  heldSets: number
  heldBytes: number
  droppedSets: number
}

/** What a device says about an interface (options records with IEs 82, 83). */
export interface InterfaceNames {
  name: string
  description: string
}

/** What an exporter says about its own exporting (IEs 40–42, 164–168); 0 where it says nothing. */
export interface ExporterStatistics {
  exportedOctets: number
  exportedMessages: number
  exportedFlows: number
  ignoredPackets: number
  notSentFlows: number
  notSentPackets: number
  notSentOctets: number
}

export class Domain {
  readonly exporter: Exporter
  readonly version: number
  readonly domain: number
  /** One object for as long as the domain lives: the dictionary of a batch knows it by identity. */
  readonly entry: ExporterEntry
  firstSeenMs: number
  lastSeenMs: number

  readonly templates = new Map<number, Template>()
  /** Templates by port, for ports whose definitions disagree with another live port's. */
  views: Map<number, Map<number, Template>> | undefined = undefined
  readonly templateUse = new LruList<Template>()
  /** The source port of the newest datagram, when it was heard, and the same of the ports before it. */
  newestPort = -1
  newestPortMs = 0
  #otherPorts: Map<number, number> | undefined = undefined
  awaiting: Map<number, Awaited> | undefined = undefined

  samplers: Map<number, number> | undefined = undefined
  ratesByInterface: Map<number, number> | undefined = undefined
  /** 1 in N told without naming a sampler; 0 when not told. */
  toldRate = 0
  /** The rate for records that name none. */
  defaultRate = 1
  interfaces: Map<number, InterfaceNames> | undefined = undefined
  statistics: ExporterStatistics | undefined = undefined
  /** The exporter's start, epoch ms (IE 160 in options); 0 when not told. */
  systemInitMs = 0

  readonly exportClock = new ExportClock()
  /** Uptime (-1: none yet) and export time of the newest datagram's header. */
  uptimeMs = -1
  headerMs = 0
  datagrams = 0
  flows = 0
  optionsRecords = 0
  clockSkewMs = 0
  headerRate = 1
  readonly problems: ProblemCounts = zeroProblems()
  readonly sequence: SequenceTracker
  /** After a split each port counts its own sequence. */
  sequencesByPort: Map<number, SequenceTracker> | undefined = undefined

  readonly inExporter: LruLink<Domain> = new LruLink<Domain>(this)
  readonly inStore: LruLink<Domain> = new LruLink<Domain>(this)

  constructor(exporter: Exporter, version: number, domain: number, unit: LossUnit, maxGap: number, atMs: number) {
    this.exporter = exporter
    this.version = version
    this.domain = domain
    this.entry = { ip: exporter.ip, domain, version }
    this.firstSeenMs = atMs
    this.lastSeenMs = atMs
    this.sequence = new SequenceTracker(unit, maxGap)
  }

  /** The template for data from a port: the port's own after a split, else the common one. */
  template(id: number, port: number): Template | undefined {
    return this.views?.get(port)?.get(id) ?? this.templates.get(id)
  }

  /** Another port than before sent a datagram. Remembers at most `maxPorts` of them. */
  hear(port: number, atMs: number, maxPorts: number): void {
    if (this.newestPort >= 0) {
      this.#otherPorts ??= new Map()
      this.#otherPorts.delete(this.newestPort)
      if (this.#otherPorts.size >= maxPorts) this.#otherPorts.delete(this.#otherPorts.keys().next().value!)
      this.#otherPorts.set(this.newestPort, this.newestPortMs)
    }
    this.newestPort = port
    this.newestPortMs = atMs
  }

  /** When a port was last heard; undefined when it is not remembered. */
  heardMs(port: number): number | undefined {
    return port === this.newestPort ? this.newestPortMs : this.#otherPorts?.get(port)
  }

  get learned(): number {
    return (this.samplers?.size ?? 0) + (this.interfaces?.size ?? 0) + (this.ratesByInterface?.size ?? 0)
  }
}

export class Exporter {
  readonly ip: string
  readonly domains = new Map<number, Domain>()
  readonly domainUse = new LruList<Domain>()
  /** The domain of the newest datagram. */
  newest: Domain | undefined = undefined
  readonly held = new LruList<HeldSet>()
  heldBytes = 0
  /** Tokens for new and changed templates, and when they were last counted up. */
  templateTokens: number
  tokensAtMs: number
  readonly inStore: LruLink<Exporter> = new LruLink<Exporter>(this)

  constructor(ip: string, tokens: number, atMs: number) {
    this.ip = ip
    this.templateTokens = tokens
    this.tokensAtMs = atMs
  }
}
