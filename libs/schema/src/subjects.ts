// Every subject of the broker (docs/subjects.md). Tokens are checked here, because the client lets `a..b` and `a.*` through.

const TOKEN = /^[A-Za-z0-9_-]{1,64}$/

/** Is the text one subject token: letters, digits, `_` and `-`, at most 64? */
export const isSubjectToken = (text: string): boolean => TOKEN.test(text)

/** The token unchanged. Throws RangeError when it could change the meaning of a subject. */
export function subjectToken(token: string): string {
  if (!isSubjectToken(token)) {
    throw new RangeError(`"${token}" cannot be part of a subject: use 1 to 64 letters, digits, _ or -`)
  }
  return token
}

/** Makes one token of any text, for names that come from outside (host names). */
export const toSubjectToken = (text: string): string =>
  text.replaceAll(/[^A-Za-z0-9_-]/g, '-').slice(0, 64) || 'unnamed'

export const SUBJECTS = {
  /** What collectors publish. */
  flowsRaw: (site: string) => `flows.raw.${subjectToken(site)}`,
  /** What enrichers publish. */
  flowsEnriched: (site: string) => `flows.enriched.${subjectToken(site)}`,
  /** A snapshot of one running app, every 5 s and when asked. */
  stats: (app: string, site: string, instance: string) =>
    `stats.${subjectToken(app)}.${subjectToken(site)}.${subjectToken(instance)}`,
  /** "Publish your snapshot now." */
  statsAsk: 'stats-ask',
  /** A rule with an alert named a flow: `RuleMatchEvent` of events.ts. */
  ruleMatch: 'events.rule.match',
  /** What clients are being told by the DNS server: `DnsReplyEvent` of requests/dns.ts. Core, at most once. */
  dnsReply: 'events.dns.reply',
  /** A new asset: `AssetEvent` of events.ts. */
  assetNew: 'events.asset.new',
  /** Any other change of an asset: `AssetEvent`. */
  assetChanged: 'events.asset.changed',
  /** An exporter stopped sending, or is back: `ExporterEvent`. Sites publish on subjects of their own. */
  exporterSilent: (site: string) => `events.exporter.silent.${subjectToken(site)}`,
  exporterBack: (site: string) => `events.exporter.back.${subjectToken(site)}`,
} as const

export const SUBJECT_FAMILIES = {
  flowsRaw: 'flows.raw.>',
  flowsEnriched: 'flows.enriched.>',
  stats: 'stats.>',
  events: ['events.asset.>', 'events.rule.>', 'events.exporter.>'],
} as const
