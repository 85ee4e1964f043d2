// The fixed vocabulary of what can be wrong with a datagram. A problem is a value that is counted, never an exception.

/** Each problem with what happened to the bytes. Documented in README.md. */
export const PROBLEMS = [
  /** Shorter than its header, or empty: dropped. */
  'short-datagram',
  /** A version that is not 1, 5, 7, 9 or 10: dropped. */
  'unknown-version',
  /** The header announces another number of records than there are: the smaller number was decoded. */
  'count-mismatch',
  /** IPFIX: the message length is below its header or beyond the datagram: what is there was decoded. */
  'message-length',
  /** A set length below 4 that is no zero tail: the rest of the datagram was dropped. */
  'set-length',
  /** A set runs past the end: the whole records in it were decoded. */
  'set-truncated',
  /** A reserved set id: the set was skipped. */
  'set-id',
  /** Bytes after the last record of a set that are no padding: skipped. */
  'trailing-bytes',
  /** A variable-length field runs past its set: the rest of the set was skipped. */
  'variable-length',
  /** A template without fields or of total length 0: refused. */
  'template-empty',
  /** A template whose definition runs past its set or has impossible lengths: refused. */
  'template-malformed',
  /** A template id below 256: refused. */
  'template-id',
  /** More fields than the limit: refused. */
  'template-fields',
  /** IPFIX template withdrawal over UDP: ignored (RFC 7011 §8.4). */
  'template-withdrawal',
  /** More new or changed templates than the exporter's rate allows: refused, and the old definition dropped. */
  'template-rate',
  /** A set whose template is not known: held, or skipped. */
  'template-missing',
  /** Two live ports of one exporter define a template differently: told apart by port. */
  'template-split',
  /** A template was dropped for a newer one. */
  'template-evicted',
  /** An exporter or domain was dropped for a newer one. */
  'exporter-evicted',
  /** A set that waited for its template was given up (limit or age). */
  'held-dropped',
  /** More records, options records, sets or messages than one datagram may hold: the rest was skipped. */
  'datagram-limit',
  /** The caller made no room for more rows: the records were skipped. */
  'no-room',
  /** Options records taught more than the limit: the newest was not kept. */
  'learned-limit',
  /** A time beyond a day from the receive time: the receive time was used. */
  'time-skew',
  /** A flow that starts after its end: start set to end. */
  'time-order',
  /** A counter above 2^53 - 1: saturated. */
  'counter-saturated',
] as const

export type Problem = (typeof PROBLEMS)[number]
export type ProblemCounts = Record<Problem, number>

/** A counter for each problem, all 0. */
export function zeroProblems(): ProblemCounts {
  const counts: Partial<ProblemCounts> = {}
  for (const problem of PROBLEMS) counts[problem] = 0
  return counts as ProblemCounts
}
