import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDeb822, forSuite, parseDeb822Format, parseListFormat } from './apt-sources.mjs'

const DEB822 = `# the distribution
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: bookworm-security
Components: main
# a comment inside a stanza
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Enabled: no
Types: deb
URIs: http://other.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
`

const LIST = `# deb http://old.example/debian bookworm main
deb http://mirror.example/debian bookworm main contrib # trailing
deb [arch=amd64 signed-by=/etc/apt/keyrings/vendor.gpg] https://vendor.example/apt nodistro main
deb-src http://mirror.example/debian bookworm main
deb http://mirror.example/debian bookworm-updates main
`

test('a .sources file yields its enabled binary sources', () => {
  const sources = parseDeb822Format(DEB822)
  assert.deepEqual(
    sources.map(({ uris, suites }) => [uris[0], suites]),
    [
      ['http://mirror.example/debian', ['bookworm', 'bookworm-updates']],
      ['http://mirror.example/debian-security', ['bookworm-security']],
    ],
  )
  assert.equal(sources[1]?.signedBy, '/usr/share/keyrings/debian-archive-keyring.gpg')
})

test('a key that is embedded in a .sources file is kept whole', () => {
  const key = [
    'Signed-By:',
    ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
    ' .',
    ' abc=',
    ' -----END PGP PUBLIC KEY BLOCK-----',
  ]
  const text = ['Types: deb', 'URIs: http://m.example/d', 'Suites: noble', 'Components: main', ...key, ''].join('\n')
  const rewritten = formatDeb822(parseDeb822Format(text))
  assert.match(rewritten, /^ \.\n abc=\n -----END PGP/m)
  assert.deepEqual(parseDeb822Format(rewritten), parseDeb822Format(text))
})

test('a .list file yields its binary sources with their keyrings', () => {
  assert.deepEqual(parseListFormat(LIST), [
    { uris: ['http://mirror.example/debian'], suites: ['bookworm'], components: ['main', 'contrib'], signedBy: '' },
    {
      uris: ['https://vendor.example/apt'],
      suites: ['nodistro'],
      components: ['main'],
      signedBy: '/etc/apt/keyrings/vendor.gpg',
    },
    { uris: ['http://mirror.example/debian'], suites: ['bookworm-updates'], components: ['main'], signedBy: '' },
  ])
})

test('only the mirror of the running release is moved to a newer suite', () => {
  for (const sources of [parseDeb822Format(DEB822), parseListFormat(LIST)]) {
    const moved = forSuite(sources, 'bookworm', 'trixie')
    assert.deepEqual(
      moved.map(({ uris, suites, components }) => ({ uris, suites, components })),
      [{ uris: ['http://mirror.example/debian'], suites: ['trixie'], components: ['main', 'contrib'] }],
    )
  }
})

test('the private sources file names mirror, suite, components and keyring', () => {
  const moved = forSuite(parseDeb822Format(DEB822), 'bookworm', 'trixie')
  assert.equal(
    formatDeb822(moved),
    'Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main contrib\n' +
      'Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n',
  )
})
