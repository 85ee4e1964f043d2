// Where the reader is: page and query, both of the address bar, which holds all state of a page. Paths here begin with `/` and
// are below the base path of the gateway (`<base href>`).
import { signal } from '@preact/signals'

export interface Place {
  /** `/search`; `/` is the Live page. */
  readonly path: string
  readonly query: URLSearchParams
}

const base = new URL('.', document.baseURI)

/** The address of a path of ours: `/search?q=…` → `https://host/base/search?q=…`. */
export const addressOf = (path: string): string => new URL(path.slice(1), base).href

function read(): Place {
  const below = location.pathname.slice(base.pathname.length - 1)
  return { path: below.replace(/(.)\/+$/, '$1') || '/', query: new URLSearchParams(location.search) }
}

export const place = signal<Place>(read())
addEventListener('popstate', () => {
  place.value = read()
})

export function navigate(path: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', addressOf(path))
  else history.pushState(null, '', addressOf(path))
  place.value = read()
}

export type QueryChange = Readonly<Record<string, string | number | null | undefined>>

/** `/days` and `{a: 1}` → `/days?a=1`; what is empty stands for the default and is left out. */
export function pathWith(path: string, query: QueryChange | URLSearchParams): string {
  const search = new URLSearchParams()
  const entries = query instanceof URLSearchParams ? [...query] : Object.entries(query)
  for (const [name, value] of entries) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  // What is allowed in a query unescaped stays readable: `q=dst.port=443&from=-24h`.
  const text = search
    .toString()
    .replaceAll('%3A', ':')
    .replaceAll('%2F', '/')
    .replaceAll('%2C', ',')
    .replaceAll('%40', '@')
    .replaceAll('%21', '!')
    .replaceAll('%28', '(')
    .replaceAll('%29', ')')
  return text ? `${path}?${text}` : path
}

/** Changes members of the query and stays on the page. */
export function changeQuery(change: QueryChange, options: { replace?: boolean } = {}): void {
  const { path, query } = place.value
  navigate(pathWith(path, { ...Object.fromEntries(query), ...change }), options)
}
