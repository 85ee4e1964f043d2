export { filterTexts } from './filters.ts'
export { archiveValue, flows, type PlainFlow, toBatch } from './flows.ts'
