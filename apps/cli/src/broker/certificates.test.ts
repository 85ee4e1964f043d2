import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { caValidity, hubValidity, issueCertificate, makeCa, whyRenew } from './certificates.ts'

const NOW_MS = Date.parse('2026-11-24T12:00:00Z')
const HOSTS = ['hub.example', '192.0.2.7', '2001:db8::7']

test("a hub's certificate is signed by its CA, for each of its names and addresses, and is no CA itself", async () => {
  const ca = await makeCa(caValidity(NOW_MS))
  const hub = await issueCertificate(ca, HOSTS, hubValidity(NOW_MS))
  const authority = new X509Certificate(ca.certificate)
  const certificate = new X509Certificate(hub.certificate)
  assert.ok(authority.ca && !certificate.ca)
  assert.ok(certificate.checkIssued(authority))
  assert.match(hub.key, /^-----BEGIN PRIVATE KEY-----/)
  assert.equal(whyRenew(hub.certificate, ca.certificate, HOSTS, NOW_MS), undefined)
})

test('a certificate is made anew when a name is missing, the CA is another, or its end is near', async () => {
  const ca = await makeCa(caValidity(NOW_MS))
  const hub = await issueCertificate(ca, HOSTS, hubValidity(NOW_MS))
  const other = await makeCa(caValidity(NOW_MS))
  const later = NOW_MS + 1_700 * 86_400_000
  assert.equal(
    whyRenew(hub.certificate, ca.certificate, [...HOSTS, 'hub.lan', '192.0.2.8'], NOW_MS),
    'it lacks hub.lan, 192.0.2.8',
  )
  assert.equal(whyRenew(hub.certificate, other.certificate, HOSTS, NOW_MS), 'it is not signed by ca.pem')
  assert.equal(whyRenew(hub.certificate, ca.certificate, HOSTS, later), 'it ends on 2031-11-23')
})
