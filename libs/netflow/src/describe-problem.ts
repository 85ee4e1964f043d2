// Each problem in words: what was wrong, what became of the bytes, what to do. One table for the collector's log, for
// `netbehave exporters` and for `netbehave decode`.
import type { Problem } from './problems.ts'

export const PROBLEM_SENTENCES: Readonly<Record<Problem, string>> = {
  'short-datagram':
    'the datagram is shorter than its header and was dropped; if this goes on, see what else sends to this port',
  'unknown-version':
    'the datagram is no NetFlow 1, 5, 7, 9 or IPFIX and was dropped; set the exporter to NetFlow 9 or IPFIX (sFlow is not understood)',
  'count-mismatch':
    'the header announces another number of records than there are; those that are there were decoded, nothing to do',
  'message-length':
    'the IPFIX length does not fit the datagram, which may have been cut on its way; what is there was decoded, look for a smaller MTU between',
  'set-length':
    'a set has an impossible length, so the rest of the datagram was dropped; if this goes on, update the exporter',
  'set-truncated':
    'a set runs past the end of the datagram, which may have been cut on its way; its whole records were decoded, look for a smaller MTU between',
  'set-id': 'a set has a reserved number and was skipped; if this goes on, update the exporter',
  'trailing-bytes': 'a set ends in bytes that are no record; they were skipped, the records before were decoded',
  'variable-length':
    'a field of variable length runs past its set, so the rest of the set was skipped; if this goes on, update the exporter',
  'template-empty': 'a template without fields was refused; data that needs it cannot be decoded, update the exporter',
  'template-malformed':
    'a template that contradicts itself was refused; data that needs it cannot be decoded, update the exporter',
  'template-id': 'a template with a reserved number (below 256) was refused; update the exporter',
  'template-fields':
    'a template with more fields than are taken was refused; export fewer fields, data that needs it cannot be decoded',
  'template-withdrawal': 'a template was withdrawn, which does not count over UDP (RFC 7011 §8.4); nothing to do',
  'template-rate':
    'templates change faster than is taken and were refused; see whether two exporters share one address and domain',
  'template-missing':
    'data came before its template and is kept for it; shorten how often the exporter sends templates (60 s is good)',
  'template-split': 'two ports of one exporter define a template differently and are told apart by port; nothing to do',
  'template-evicted':
    'more templates than are kept, so the one that was idle longest was forgotten; it is taken again when it comes',
  'exporter-evicted':
    'more exporters than are kept, so the one that was silent longest was forgotten; spoofed senders are kept out with collector.allow',
  'held-dropped':
    'data waited too long for its template and was given up: its flows are lost; let the exporter send templates more often',
  'datagram-limit':
    'a datagram holds more than one may, and the rest of it was skipped; if this goes on, update the exporter',
  'no-room':
    'there was no room for more flows, so records were skipped; this is a fault of NetBehave, please report it',
  'learned-limit':
    'the exporter tells more interfaces or sampling rates than are kept, and the newest was not; flows are not affected',
  'time-skew':
    'a flow lies more than a day off, so the time it was received stands for it; set the clock of the exporter (NTP)',
  'time-order':
    'a flow starts after it ends, so it was given the end as its start; if this goes on, update the exporter',
  'counter-saturated': 'a counter is larger than can be kept exactly and was cut to 2^53 - 1; nothing to do',
}
