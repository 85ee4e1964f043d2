// For tests and benchmarks of this and other projects: `@netbehave/netflow/testing`.
export { allCaptures, captureScenarios, capturesAbsent, readCapture } from './captures.ts'
export { type DecodedDatagram, type DecodingBench, decodingBench } from './decoding.ts'
