export { type Child, childPids, isProcessAlive, startChild, startNode } from './child.ts'
export { cpuSeconds, kernelDrops, type Memory, memoryOf } from './process-usage.ts'
export { type BenchResult, median, printResult } from './result.ts'
export { until } from './until.ts'
