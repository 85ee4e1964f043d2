// Version numbers: `v24.21.0`, `nats-server: v2.10.27`, Debian's `1:2.10.27-1+b2`.

/**
 * The first dotted number of a text, as numbers; a Debian epoch is no part of it.
 * @param {string} text
 * @returns {number[] | undefined} undefined where there is none
 */
export function parseVersion(text) {
  const found = /(?<![\d.:])\d+(?:\.\d+)+/.exec(text.replace(/^\d+:/, ''))
  return found ? found[0].split('.').map(Number) : undefined
}

/**
 * @param {number[] | undefined} version undefined is never enough
 * @param {number[]} least
 */
export function isAtLeast(version, least) {
  if (!version) return false
  for (let i = 0; i < least.length; i++) {
    const difference = (version[i] ?? 0) - (least[i] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}
