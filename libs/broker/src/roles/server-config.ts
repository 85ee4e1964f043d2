// What every nats-server of ours has in its configuration, the hub's and a site's, and how such a file is written.
// Values are JSON, which nats-server reads and which quotes paths safely.

export interface ServerSettings {
  readonly name: string
  /** HOST:PORT; port 0: any free one. */
  readonly listen: string
  /** HOST:PORT of the monitoring pages, which know no access control: loopback only. */
  readonly http?: string
  /** Folder for the log and the file that tells the ports; absent: the log goes to stderr. */
  readonly dir?: string
  readonly tls?: TlsFiles
}

/** Paths, as nats-server sees them. */
export interface TlsFiles {
  readonly cert: string
  readonly key: string
  /** Whose certificates other servers of a cluster must show. */
  readonly ca?: string
}

export interface JetStreamSettings {
  readonly storeDir: string
  readonly maxFileBytes: number
  /** Name by which other servers ask for this one's streams. */
  readonly domain: string
}

const MIB = 1024 * 1024
/** Seconds to sign in, and for the handshake: a busy machine signs slowly, and 2 s, the default, turned clients away. */
export const SIGN_IN_S = 20

/** nats-server takes -1 for "any free port". */
export const listenAddress = (address: string): string => address.replace(/:0$/, ':-1')

export function serverSettings({ name, listen, http, dir, tls }: ServerSettings): Record<string, unknown> {
  return {
    server_name: name,
    listen: listenAddress(listen),
    ...(http !== undefined && { http: listenAddress(http) }),
    ...(dir !== undefined && {
      ports_file_dir: dir,
      log_file: logFileOf(dir),
      logfile_size_limit: 8 * MIB,
      logfile_max_num: 3,
    }),
    ...(tls && { tls: tlsBlock(tls) }),
    max_payload: MIB,
    max_pending: 64 * MIB,
    write_deadline: '10s',
    ping_interval: '20s',
    ping_max: 3,
  }
}

export const logFileOf = (dir: string): string => `${dir}/nats.log`

export const tlsBlock = ({ cert, key }: TlsFiles): Record<string, unknown> => ({
  cert_file: cert,
  key_file: key,
  timeout: SIGN_IN_S,
})

/** Acknowledged means on disk after at most 10 s, also when the power fails; the server's default is 2 minutes. */
export const jetStreamBlock = ({ storeDir, maxFileBytes, domain }: JetStreamSettings): Record<string, unknown> => ({
  store_dir: storeDir,
  domain,
  max_memory_store: 64 * MIB,
  max_file_store: maxFileBytes,
  sync_interval: '10s',
})

export interface ConfigTextOptions {
  /** First lines, without `#`. */
  readonly head?: readonly string[]
  /** Files beside it that hold variables. */
  readonly include?: readonly string[]
}

/** The file: one block a key. A value `$NK_…` stays a variable. */
export function configText(
  settings: Record<string, unknown>,
  { head = [], include = [] }: ConfigTextOptions = {},
): string {
  const lines = [
    ...head.map((line) => `# ${line}`),
    ...include.map((file) => `include ${JSON.stringify(file)}`),
    ...Object.entries(settings).map(([key, value]) => `${key}: ${valueText(value)}`),
  ]
  return `${lines.join('\n')}\n`
}

const valueText = (value: unknown): string =>
  JSON.stringify(value, null, 2).replaceAll(/"(\$NK_[A-Z0-9_]+)"/g, (_quoted, variable: string) => variable)
