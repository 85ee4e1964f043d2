// Texts with places: `{{address}}` becomes the value of that name. In: a text and the names there are. Fails: parsing throws one sentence.

export interface Template {
  /** The text with every place filled. */
  render(values: Readonly<Record<string, string>>): string
}

const PLACE = /\{\{\s*([A-Za-z]+)\s*\}\}/g

/** Throws Error: a place without an end, or a name that there is not. */
export function parseTemplate(text: string, names: readonly string[]): Template {
  const rest = text.replaceAll(PLACE, '')
  const at = /\{\{|\}\}/.exec(rest)
  if (at) {
    throw new Error(`"${at[0]}" has no partner: a place is written {{${names[0]}}}, with one of ${names.join(', ')}`)
  }
  for (const [place, name] of text.matchAll(PLACE)) {
    if (!names.includes(name!)) throw new Error(`${place}: there is no such value here; use one of ${names.join(', ')}`)
  }
  return { render: (values) => text.replaceAll(PLACE, (_, name: string) => values[name] ?? '') }
}
