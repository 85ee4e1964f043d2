// Every limit of the decoder: what foreign data may make it hold or do. Each has a default, a problem that counts when it
// bites (problems.ts) and a test that makes it bite (hostile-input.test.ts).

export interface DecoderLimits {
  /** Exporter addresses remembered; the one unheard of for longest goes. */
  maxExporters: number
  /** Observation domains of all exporters together; oldest-unused goes. */
  maxDomains: number
  /** Observation domains of one exporter; its oldest-unused goes. */
  maxDomainsPerExporter: number
  /** Templates of all exporters together; oldest-unused goes. */
  maxTemplates: number
  /** Templates of one domain; its oldest-unused goes. */
  maxTemplatesPerDomain: number
  /** Fields of one template; more are refused. */
  maxFieldsPerTemplate: number
  /** New or changed templates that one exporter may send at once … */
  templateBurst: number
  /** … and, when the burst is used up, in each second. */
  templatesPerSecond: number
  /** Source ports of one domain that may hold templates of their own. */
  maxPortsPerDomain: number
  /** A port that was heard within this time is alive: another port's different template is split off, not taken for a restart. */
  portLiveMs: number
  /** Data waiting for its template, all exporters, in bytes with HELD_SET_OVERHEAD_BYTES a set; the oldest is given up. */
  maxHeldBytes: number
  /** The same of one exporter. */
  maxHeldBytesPerExporter: number
  /** Sets of one datagram that may be held. */
  maxHeldSetsPerDatagram: number
  /** Data that waited longer is given up. */
  heldMaxMs: number
  /** Templates of one domain that are awaited at once. */
  maxAwaitedPerDomain: number
  /** Records decoded because of one datagram, sets that had waited included. */
  maxRecordsPerDatagram: number
  /** Options records of one datagram. */
  maxOptionsPerDatagram: number
  /** Sets of one datagram. */
  maxSetsPerDatagram: number
  /** IPFIX messages in one datagram. */
  maxMessagesPerDatagram: number
  /** Sampling rates and interface names that options records taught, all exporters. */
  maxLearned: number
  /** The same of one domain. */
  maxLearnedPerDomain: number
  /** Flow times further from the receive time are not believed. */
  plausibleMs: number
  /** A gap in the sequence numbers of more flows or records is a restart, not a loss. */
  maxGapRecords: number
  /** A gap of more datagrams is a restart, not a loss. */
  maxGapDatagrams: number
}

export const DEFAULT_LIMITS: Readonly<DecoderLimits> = {
  maxExporters: 4_096,
  maxDomains: 8_192,
  maxDomainsPerExporter: 256,
  maxTemplates: 8_192,
  maxTemplatesPerDomain: 512,
  maxFieldsPerTemplate: 512,
  templateBurst: 256,
  templatesPerSecond: 16,
  maxPortsPerDomain: 8,
  portLiveMs: 120_000,
  maxHeldBytes: 8 * 1024 * 1024,
  maxHeldBytesPerExporter: 512 * 1024,
  maxHeldSetsPerDatagram: 256,
  heldMaxMs: 30 * 60_000,
  maxAwaitedPerDomain: 64,
  maxRecordsPerDatagram: 16_384,
  maxOptionsPerDatagram: 2_048,
  maxSetsPerDatagram: 4_096,
  maxMessagesPerDatagram: 64,
  maxLearned: 65_536,
  maxLearnedPerDomain: 4_096,
  plausibleMs: 86_400_000,
  maxGapRecords: 1_000_000,
  maxGapDatagrams: 20_000,
}

/** Defaults with the given limits in their place. Throws on an unknown name or a value that is no positive integer. */
export function withLimits(limits: Partial<DecoderLimits>): DecoderLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!Object.hasOwn(DEFAULT_LIMITS, name)) throw new TypeError(`no limit is called ${name}`)
    if (!Number.isSafeInteger(value) || value < 1) throw new RangeError(`limit ${name} must be a positive integer`)
  }
  return { ...DEFAULT_LIMITS, ...limits }
}
