// For tests and benchmarks of this and other projects: `@netbehave/netflow/testing`.
export { allCaptures, captureScenarios, capturesAbsent, readCapture } from './captures.ts'
export { type DecodedDatagram, type DecodingBench, decodingBench } from './decoding.ts'
export {
  encodeData,
  encodeFixed,
  encodeIpfix,
  encodeNetflow9,
  encodeRecord,
  encodeSet,
  encodeTemplates,
  type FieldSpec,
  type FieldValue,
  type FixedHeaderSpec,
  type FixedRecord,
  fieldSpecs,
  type HeaderSpec,
  TEST_EXPORT_MS,
  type TemplateSpec,
  VARIABLE,
} from './encode.ts'
export { type SeededRandom, seededRandom } from './seeded-random.ts'
export {
  restamp,
  WORKLOAD_W_RECORDS,
  WORKLOAD_W_TEMPLATE,
  type WorkloadW,
  type WorkloadWOptions,
  workloadW,
} from './workload-w.ts'
