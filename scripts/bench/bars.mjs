// The bars that the specification sets, and where each benchmark says its figure.

/**
 * @typedef {{ what: string, bar: number, unit: string, better: 'more' | 'less', benchmark: string,
 *   find: (line: Record<string, unknown>) => boolean }} Bar
 */

/** @param {string} begin */
const caseBegins = (begin) => (/** @type {Record<string, unknown>} */ line) => String(line.case).startsWith(begin)

/** @type {readonly Bar[]} */
export const BARS = [
  {
    ...{
      what: 'collector, UDP to acknowledged JetStream publish',
      bar: 1_500_000,
      unit: 'flows/CPU-s',
      better: 'more',
    },
    ...{ benchmark: 'collector', find: caseBegins('collector, UDP') },
  },
  {
    ...{ what: 'collector over nfcapd, same run (the aim)', bar: 1, unit: 'times', better: 'more' },
    ...{ benchmark: 'collector', find: caseBegins('collector over nfcapd') },
  },
  {
    ...{ what: 'decode into columns', bar: 20_000_000, unit: 'flows/CPU-s', better: 'more' },
    ...{ benchmark: 'decode', find: caseBegins('workload W') },
  },
  {
    ...{ what: 'enricher without names (network, service, 24 rules)', bar: 1_000_000, unit: 'flows/CPU-s' },
    ...{ better: 'more', benchmark: 'enricher', find: caseBegins('enricher, 24 rules') },
  },
  {
    ...{ what: 'enricher with names, holders, assets from warm caches', bar: 1_000_000, unit: 'flows/CPU-s' },
    ...{ better: 'more', benchmark: 'enricher', find: caseBegins('enricher, names') },
  },
  {
    ...{ what: "sightings at 250,000 flows/s, of the enricher's thread", bar: 5, unit: '%', better: 'less' },
    ...{ benchmark: 'sight', find: caseBegins('step sight') },
  },
  {
    ...{ what: 'lines of a dnsmasq log, parsed', bar: 1000, unit: 'lines/CPU-ms', better: 'more' },
    ...{ benchmark: 'dns-log', find: caseBegins('parse, dnsmasq log-queries=extra') },
  },
  {
    ...{ what: 'archiver', bar: 500_000, unit: 'flows/CPU-s', better: 'more' },
    ...{ benchmark: 'archiver', find: caseBegins('keep: decode') },
  },
  {
    ...{ what: 'archiver, resident at full load', bar: 400, unit: 'MB', better: 'less' },
    ...{ benchmark: 'archiver', find: caseBegins('keep: memory') },
  },
  {
    ...{ what: 'closed day with names, all columns', bar: 30, unit: 'bytes a flow', better: 'less' },
    ...{ benchmark: 'archiver', find: caseBegins('closed day on disk') },
  },
  {
    ...{
      what: 'whole chain on this machine, without loss, 30 s (not held for 5 minutes: see below)',
      bar: 300_000,
      unit: 'flows/s',
      better: 'more',
    },
    ...{ benchmark: 'chain', find: caseBegins('whole chain') },
  },
  {
    ...{ what: 'one box idle, everything running, resident', bar: 300, unit: 'MB', better: 'less' },
    ...{ benchmark: 'box', find: caseBegins('one box idle') },
  },
  {
    ...{ what: 'second start to ready', bar: 3000, unit: 'ms', better: 'less' },
    ...{ benchmark: 'box', find: caseBegins('second start') },
  },
  {
    ...{ what: 'history, 10 M rows: one address', bar: 150, unit: 'ms', better: 'less' },
    ...{ benchmark: 'history', find: caseBegins('one source address') },
  },
  {
    ...{ what: 'history, 10 M rows: one name', bar: 150, unit: 'ms', better: 'less' },
    ...{ benchmark: 'history', find: caseBegins('one name') },
  },
  {
    ...{ what: 'history, 10 M rows: CIDR', bar: 200, unit: 'ms', better: 'less' },
    ...{ benchmark: 'history', find: caseBegins('a block of addresses') },
  },
  {
    ...{ what: 'history, 10 M rows: top 10 names by bytes', bar: 300, unit: 'ms', better: 'less' },
    ...{ benchmark: 'history', find: caseBegins('top 10 names') },
  },
  {
    ...{ what: 'assets, look-ups p99 while 10,000 new addresses come', bar: 20, unit: 'ms', better: 'less' },
    ...{ benchmark: 'ipam', find: caseBegins('look-ups of 16 addresses, p99, 10000 new addresses at once, 256') },
  },
  {
    ...{ what: 'live, datagram to socket, p99, 100 clients at 20,000 flows/s', bar: 250, unit: 'ms', better: 'less' },
    ...{ benchmark: 'live', find: caseBegins('live: datagram to socket') },
  },
  {
    ...{ what: 'live, gateway resident meanwhile', bar: 300, unit: 'MB', better: 'less' },
    ...{ benchmark: 'live', find: caseBegins('live: gateway resident') },
  },
  {
    ...{
      what: 'live, datagram to enriched batch, p99, 100 clients to nobody',
      bar: 1.2,
      unit: 'times',
      better: 'less',
    },
    ...{ benchmark: 'live', find: caseBegins('live: datagram to enriched batch') },
  },
  {
    ...{ what: 'console, 10 M rows: first page of Search for one address', bar: 300, unit: 'ms', better: 'less' },
    ...{ benchmark: 'console', find: caseBegins('Search, first rows of one address') },
  },
  {
    ...{ what: 'console, 10 M rows: first page of Search', bar: 300, unit: 'ms', better: 'less' },
    ...{ benchmark: 'console', find: caseBegins('Search, first rows of the whole day') },
  },
  {
    ...{ what: 'console, 10 M rows: top 25 addresses', bar: 500, unit: 'ms', better: 'less' },
    ...{ benchmark: 'console', find: caseBegins('Search, top 25 of the whole day by src.ip') },
  },
  {
    ...{ what: 'console, 10 M rows: top 25 names', bar: 500, unit: 'ms', better: 'less' },
    ...{ benchmark: 'console', find: caseBegins('Search, top 25 of the whole day by dst.name') },
  },
]
