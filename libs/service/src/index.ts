export { CommonConfig, ConfigError, type ConfigSources, keysOf, loadConfig } from './config.ts'
export { collectGarbageOfStart } from './garbage-of-start.ts'
export { touchWhileAlive } from './health-file.ts'
export { innerType } from './inner-type.ts'
export { createLimitedLog, createLog, type LimitedLog, type Log } from './log.ts'
export { type CountedConnection, countConnections, type MetricsOf, metricsOf } from './metrics.ts'
export { nearest } from './nearest.ts'
export { printConfig } from './print-config.ts'
export { EXIT_CONFIG, OperatorError, runService, type ServiceContext, type ServiceMessage } from './run-service.ts'
export {
  describeSystemError,
  EXIT_CANNOT_CREATE,
  EXIT_IO,
  EXIT_UNAVAILABLE,
  fileExitCode,
  systemCode,
} from './system-error.ts'
