// A datagram's sequence number to the tracker of its domain, with what its uptime says about a restart.
import type { Domain } from './exporter-state.ts'
import { SequenceTracker } from './sequence.ts'

/** An uptime this far behind where it should be, and smaller than before, is a restart; less is jitter. */
const RESTART_MS = 60_000

/**
 * @param records flows or records in the datagram, -1 when not known
 * @param uptimeMs -1 when the version has none
 */
export function trackSequence(
  domain: Domain,
  port: number,
  sequence: number,
  records: number,
  headerMs: number,
  uptimeMs: number,
): void {
  let restarted = false
  if (uptimeMs >= 0) {
    const expected = domain.uptimeMs + (headerMs - domain.headerMs)
    restarted = domain.uptimeMs >= 0 && uptimeMs < domain.uptimeMs && ((uptimeMs - expected) | 0) < -RESTART_MS
    if (domain.uptimeMs > uptimeMs && ((uptimeMs - expected) | 0) > RESTART_MS) restarted = true
    domain.uptimeMs = uptimeMs
    domain.headerMs = headerMs
  }
  tracker(domain, port).observe(sequence, records, restarted)
}

/** After a split (two live ports of one domain) each port counts for itself. */
function tracker(domain: Domain, port: number): SequenceTracker {
  let own = domain.sequencesByPort?.get(port)
  if (own !== undefined) return own
  if (!domain.views?.has(port)) return domain.sequence
  domain.sequencesByPort ??= new Map()
  for (const [other, tracked] of domain.sequencesByPort) {
    if (domain.views.has(other)) continue
    domain.sequence.lost += tracked.lost
    domain.sequence.restarts += tracked.restarts
    domain.sequence.reordered += tracked.reordered
    domain.sequencesByPort.delete(other)
  }
  own = new SequenceTracker(domain.sequence.unit, domain.sequence.maxGap)
  domain.sequencesByPort.set(port, own)
  return own
}
