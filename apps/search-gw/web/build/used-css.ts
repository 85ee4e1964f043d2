// Leaves out of the style sheets what no page uses: Bootstrap alone would fill the budget of web.md. In: the folder of the
// sources. Out: a visitor for Lightning CSS. A class counts as used when its name stands as a word anywhere in the sources.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Of uPlot, which makes its elements itself. */
const FOREIGN = /^u-|^uplot$/
const WORD = /[A-Za-z][\w-]*/g

export interface SelectorPart {
  readonly type: string
  readonly kind?: string | undefined
  readonly name?: unknown
  readonly selectors?: readonly (readonly SelectorPart[])[] | null | undefined
}

export function usedWords(folder: string): Set<string> {
  const words = new Set<string>()
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (!/\.tsx?$/.test(entry) || entry.includes('.test.')) continue
    for (const [word] of readFileSync(join(folder, entry), 'utf8').matchAll(WORD)) words.add(word)
  }
  return words
}

/** Is every class of the selector a used one? Of what stands within `:is()` and `:not()` one of the choices is enough. */
export function isUsed(selector: readonly SelectorPart[], words: ReadonlySet<string>): boolean {
  return selector.every((part) => {
    if (part.type === 'class') return FOREIGN.test(String(part.name)) || words.has(String(part.name))
    if (part.type === 'pseudo-class' && part.kind !== 'not' && part.selectors)
      return part.selectors.some((inner) => isUsed(inner, words))
    return true
  })
}
