// Why there is no connection to the broker, in one sentence: what, where, what to do. In: the client's error. Out: a ConnectFault.
import { AuthorizationError, UserAuthenticationExpiredError } from '@nats-io/transport-node'

/**
 * `away`: nobody answers; it may come back by itself. `certificate`: what answers does not show the hub's certificate.
 * `refused`: it does not know the key. The last two last until somebody mends them.
 */
export type ConnectFaultKind = 'away' | 'certificate' | 'refused'

export class ConnectFault extends Error {
  override readonly name = 'ConnectFault'
  readonly kind: ConnectFaultKind

  constructor(kind: ConnectFaultKind, sentence: string, options?: ErrorOptions) {
    super(sentence, options)
    this.kind = kind
  }
}

export interface ConnectAttempt {
  /** As configured, without a password. */
  readonly url: string
  /** File with the CA; empty: those that Node knows. */
  readonly ca: string
  /** Name of the key, and the folder that it is from; an empty folder: none is used. */
  readonly key: string
  readonly keys: string
}

/** OpenSSL's names, as Node gives them, of "signed by nobody whom we know". */
const UNKNOWN_ISSUER = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]

export function connectFault(error: Error, attempt: ConnectAttempt): ConnectFault {
  const fault = (kind: ConnectFaultKind, sentence: string) => new ConnectFault(kind, sentence, { cause: error })
  const { url, ca, key, keys } = attempt
  const at = `the broker at ${url}`
  if (isRefusal(error)) {
    if (keys === '')
      return fault('refused', `${at} asks for a key: set brokerKeys to the folder that holds ${key}.seed`)
    return fault(
      'refused',
      `${at} does not know the key ${keys}/${key}.seed: it was replaced or removed there; copy the current one from the hub's folder, or make a new one there with netbehave broker rotate ${key}`,
    )
  }
  const code = codeOf(error)
  if (code === 'CERT_HAS_EXPIRED')
    return fault(
      'certificate',
      `the certificate of ${at} has expired: at the hub, netbehave broker init makes a new one, and nats-server --signal reload shows it`,
    )
  if (code === 'CERT_NOT_YET_VALID')
    return fault(
      'certificate',
      `the certificate of ${at} is not valid yet: compare the clocks of this machine and the hub`,
    )
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return fault(
      'certificate',
      `the certificate of ${at} is for ${namesOf(error)} and not for that name: use one of these in brokerUrl, or add the name at the hub with netbehave broker init --host NAME`,
    )
  if (UNKNOWN_ISSUER.includes(code))
    return fault(
      'certificate',
      ca === ''
        ? `the certificate of ${at} is signed by a CA that this machine does not know: set brokerCa to the hub's tls/ca.pem`
        : `the certificate of ${at} is not signed by the CA in ${ca}: copy tls/ca.pem from the hub's folder, or find out who answers there`,
    )
  if (/does not support 'tls'/.test(error.message))
    return fault(
      'certificate',
      `${at} does not speak TLS: begin brokerUrl with nats:// and leave brokerCa empty, or run the hub with certificates (netbehave broker init)`,
    )
  return fault('away', `${at} does not answer; is nats-server running there?`)
}

const isRefusal = (error: unknown): boolean =>
  error instanceof AuthorizationError || error instanceof UserAuthenticationExpiredError

/** The client wraps some of Node's errors. */
function codeOf(error: Error): string {
  for (let at: unknown = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown }
    if (typeof code === 'string') return code
  }
  return ''
}

/** `DNS:hub.example, IP Address:192.0.2.1` → `hub.example, 192.0.2.1` */
function namesOf(error: Error): string {
  const { subjectaltname } = (error as { cert?: { subjectaltname?: string } }).cert ?? {}
  return subjectaltname?.replaceAll(/(DNS|IP Address):/g, '') ?? 'no name at all'
}
