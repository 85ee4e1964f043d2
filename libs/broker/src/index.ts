export { type AskOptions, ask } from './ask.ts'
export { type Broker, type BrokerConfig, type BrokerLog, connectBroker, type Role } from './connect.ts'
export { consume, type IncomingMessage } from './consume.ts'
export { type NatsServer, NatsServerError, startNatsServer } from './nats-server.ts'
export {
  createPublisher,
  type OutgoingMessage,
  PUBLISHER_DEFAULTS,
  type Publisher,
  type PublisherOptions,
} from './publisher.ts'
export { RequestFault } from './request-fault.ts'
export { type Endpoint, endpoint, type ServeCounters, type ServeOptions, type Service, serve } from './serve.ts'
export { askStats, parseSnapshot, publishStats, STATS_INTERVAL_MS } from './stats.ts'
export { ensureStreams } from './streams.ts'
