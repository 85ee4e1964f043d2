// Certificates of the hub: a CA of its own, and what nats-server shows (X.509 v3, ECDSA P-256). In: names, times. Out: PEM.
import 'reflect-metadata'
import { createPrivateKey, createPublicKey, randomBytes, webcrypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import {
  BasicConstraintsExtension,
  X509Certificate as Certificate,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  type Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** Both PEM; the key is PKCS #8. */
export interface KeyAndCertificate {
  readonly key: string
  readonly certificate: string
}

/** Epoch ms. */
export interface Validity {
  readonly fromMs: number
  readonly untilMs: number
}

const DAY_MS = 86_400_000
const YEAR_MS = 365 * DAY_MS
/** From a day ago: the clock of a small box may be behind. */
export const caValidity = (nowMs: number): Validity => ({ fromMs: nowMs - DAY_MS, untilMs: nowMs + 20 * YEAR_MS })
export const hubValidity = (nowMs: number): Validity => ({ fromMs: nowMs - DAY_MS, untilMs: nowMs + 5 * YEAR_MS })
/** A certificate is made anew when so little of its time is left. */
export const RENEW_MS = 180 * DAY_MS

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const

export async function makeCa(validity: Validity): Promise<KeyAndCertificate> {
  const keys = await makeKeys()
  const name = `CN=NetBehave CA ${randomBytes(4).toString('hex')}`
  const extensions = [
    new BasicConstraintsExtension(true, 0, true),
    new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
  ]
  return sign({ keys, name, issuer: name, issuerKey: keys.privateKey, validity, extensions })
}

/** For host names and addresses. Servers of a cluster show it to each other, so it is good for both sides. */
export async function issueCertificate(
  ca: KeyAndCertificate,
  hosts: readonly string[],
  validity: Validity,
): Promise<KeyAndCertificate> {
  const keys = await makeKeys()
  const pkcs8 = createPrivateKey(ca.key).export({ type: 'pkcs8', format: 'der' })
  const issuerKey = await webcrypto.subtle.importKey('pkcs8', pkcs8, ALGORITHM, false, ['sign'])
  const extensions = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    new SubjectAlternativeNameExtension(
      hosts.map((value) => ({ type: isIP(value) === 0 ? ('dns' as const) : ('ip' as const), value })),
    ),
  ]
  const issuer = new Certificate(ca.certificate).subject
  return sign({ keys, name: 'CN=NetBehave hub', issuer, issuerKey, validity, extensions })
}

/** Why a certificate has to be made anew, as the end of a sentence; undefined: it is good for these hosts, by this CA. */
export function whyRenew(certificate: string, ca: string, hosts: readonly string[], nowMs: number): string | undefined {
  const parsed = new X509Certificate(certificate)
  if (!parsed.verify(createPublicKey(ca))) return 'it is not signed by ca.pem'
  const missing = hosts.filter((host) => !(isIP(host) === 0 ? parsed.checkHost(host) : parsed.checkIP(host)))
  if (missing.length > 0) return `it lacks ${missing.join(', ')}`
  if (parsed.validToDate.getTime() - nowMs < RENEW_MS)
    return `it ends on ${parsed.validToDate.toISOString().slice(0, 10)}`
  return undefined
}

interface ToSign {
  readonly keys: webcrypto.CryptoKeyPair
  readonly name: string
  readonly issuer: string
  readonly issuerKey: webcrypto.CryptoKey
  readonly validity: Validity
  readonly extensions: Extension[]
}

async function sign({ keys, name, issuer, issuerKey, validity, extensions }: ToSign): Promise<KeyAndCertificate> {
  const certificate = await X509CertificateGenerator.create({
    // Positive (RFC 5280 §4.1.2.2): the first bit is 0.
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    subject: name,
    issuer,
    publicKey: keys.publicKey,
    signingKey: issuerKey,
    signingAlgorithm: ALGORITHM,
    notBefore: new Date(validity.fromMs),
    notAfter: new Date(validity.untilMs),
    extensions,
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey))
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }).export({ type: 'pkcs8', format: 'pem' })
  return { key: String(key), certificate: `${certificate.toString('pem')}\n` }
}

const makeKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>
