// What the machine's apt is configured for, in both formats, and the same mirror with another suite.
// Formats: sources.list(5), "ONE-LINE-STYLE FORMAT" and "DEB822-STYLE FORMAT".

/**
 * @typedef {object} AptSource
 * @property {string[]} uris
 * @property {string[]} suites
 * @property {string[]} components
 * @property {string} signedBy path of a keyring, or an embedded key; '' for apt's default keys
 */

/**
 * @param {string} text of a `.list` file
 * @returns {AptSource[]} the binary sources in it
 */
export function parseListFormat(text) {
  const sources = []
  for (const line of text.split('\n')) {
    const found = /^\s*deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*?)\s*(?:#.*)?$/.exec(line)
    if (!found) continue
    const [, options = '', uri = '', suite = '', components = ''] = found
    sources.push({
      uris: [uri],
      suites: [suite],
      components: words(components),
      signedBy: /(?:^|\s)signed-by=(\S+)/i.exec(options)?.[1] ?? '',
    })
  }
  return sources
}

/**
 * @param {string} text of a `.sources` file
 * @returns {AptSource[]} the enabled binary sources in it
 */
export function parseDeb822Format(text) {
  const sources = []
  const withoutComments = text.replaceAll(/^#.*\n?/gm, '')
  for (const stanza of withoutComments.split(/\n\s*\n/)) {
    const fields = fieldsOf(stanza)
    if (!words(fields.types).includes('deb') || /^(no|false|0|off|without|disable)$/i.test(fields.enabled ?? ''))
      continue
    sources.push({
      uris: words(fields.uris),
      suites: words(fields.suites),
      components: words(fields.components),
      signedBy: fields['signed-by'] ?? '',
    })
  }
  return sources
}

/**
 * The sources of the distribution itself, moved to another suite: those that carry exactly the running release (not
 * its -updates or -security, nor other vendors' repositories).
 * @param {AptSource[]} sources
 * @param {string} codename of the running release
 * @param {string} suite
 */
export function forSuite(sources, codename, suite) {
  return sources.filter(({ suites }) => suites.includes(codename)).map((source) => ({ ...source, suites: [suite] }))
}

/** @param {AptSource[]} sources @returns {string} the text of a `.sources` file */
export function formatDeb822(sources) {
  return sources
    .map(({ uris, suites, components, signedBy }) =>
      [
        'Types: deb',
        `URIs: ${uris.join(' ')}`,
        `Suites: ${suites.join(' ')}`,
        `Components: ${components.join(' ')}`,
        ...(signedBy ? [`Signed-By: ${signedBy}`] : []),
        '',
      ].join('\n'),
    )
    .join('\n')
}

/** @param {string} stanza @returns {Record<string, string>} lower-case names; continuation lines are kept */
function fieldsOf(stanza) {
  /** @type {Record<string, string>} */
  const fields = {}
  let name = ''
  for (const line of stanza.split('\n')) {
    const found = /^([A-Za-z][\w-]*):\s*(.*?)\s*$/.exec(line)
    if (found) {
      name = (found[1] ?? '').toLowerCase()
      fields[name] = found[2] ?? ''
    } else if (name && /^\s/.test(line)) {
      fields[name] += `\n${line}`
    }
  }
  return fields
}

/** @param {string | undefined} text */
function words(text) {
  return (text ?? '').split(/\s+/).filter((word) => word !== '')
}
