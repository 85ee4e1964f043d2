export { type AskOptions, ask } from './ask.ts'
export { type Broker, type BrokerConfig, type BrokerLog, connectBroker } from './connect.ts'
export { ConnectFault, type ConnectFaultKind } from './connect-fault.ts'
export { consume, type IncomingMessage } from './consume.ts'
export { createForwarder, type Forwarder, type ForwardOptions } from './forward.ts'
export { type HubSite, sitesOf } from './hub-sites.ts'
export { type NatsServer, NatsServerError, startNatsServer } from './nats-server.ts'
export {
  createPublisher,
  type OutgoingMessage,
  PUBLISHER_DEFAULTS,
  type Publisher,
  type PublisherOptions,
} from './publisher.ts'
export { RequestFault } from './request-fault.ts'
export { hubAccounts, type PublicKeyOf, publicKeyVariable, roleKeys } from './roles/hub-accounts.ts'
export { type HubOptions, hubConfig } from './roles/hub-config.ts'
export { KEY_FOLDERS, type KeyFolder, keyFolder } from './roles/key-folders.ts'
export { KeyError, listKeys, makeKeys, readPublicKey, removeKey, replaceKey } from './roles/keys.ts'
export { type LeafOptions, leafConfig, siteRoleKeys } from './roles/leaf-config.ts'
export { type AccessAction, accessMatrix, type MatrixRow } from './roles/matrix.ts'
export { type AccessAnswer, differences, probeAccess, unservedSubjects } from './roles/probe.ts'
export { type Account, ROLE_NAMES, type Role, type RoleSpec, roleKey, roleSpec } from './roles/roles.ts'
export {
  configText,
  type JetStreamSettings,
  jetStreamBlock,
  listenAddress,
  type ServerSettings,
  SIGN_IN_S,
  serverSettings,
  type TlsFiles,
  tlsBlock,
} from './roles/server-config.ts'
export { type Endpoint, endpoint, type ServeCounters, type ServeOptions, type Service, serve } from './serve.ts'
export { ensureSiteStreams, siteStoreBytes } from './site-streams.ts'
export { askStats, parseSnapshot, publishStats, STATS_INTERVAL_MS } from './stats.ts'
export { ensureStreams } from './streams.ts'
