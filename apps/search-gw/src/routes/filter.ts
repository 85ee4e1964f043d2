// The filter language for a text box.
import { aliasesOf, complete, explain, FIELDS, type Field, hintsOf, print, tryParse } from '@netbehave/filter'
import { COLUMNS, type ColumnName, columnSpec } from '@netbehave/schema'
import { CHECK_FILTER, COMPLETE_FILTER, FILTER_FIELDS, type FilterField } from '@netbehave/schema/api'
import type { SeenValue, ValueCache } from '../history/value-cache.ts'
import type { Binder } from '../http/bind.ts'

export interface FilterNeighbours {
  readonly values: ValueCache
  /** Told what made values of the last hour unavailable; completions come without them. */
  readonly onFault: (error: Error) => void
}

/** Somebody is typing: what is not there by then comes without values, and is there for the next letter. */
const PATIENCE_MS = 1000

export function bindFilter({ bind }: Binder, { values, onFault }: FilterNeighbours): void {
  bind(CHECK_FILTER, ({ query: { q } }) => {
    const ast = tryParse(q)
    if (ast instanceof Error) {
      const { from, to, message, expected } = ast
      return { ok: false as const, from, to, message, expected: [...expected] }
    }
    return { ok: true as const, canonical: print(ast), explanation: explain(ast), hints: hintsOf(ast) }
  })

  bind(COMPLETE_FILTER, async ({ query: { q, at = q.length, limit } }) => {
    const offset = Math.min(at, q.length)
    let asked: Field | undefined
    const first = complete(q, offset, {
      limit,
      valuesOf: (field) => {
        asked = field
        return []
      },
    })
    const seen = asked ? await valuesOf(asked) : []
    if (seen.length === 0) return answer(first, new Map())
    const flows = new Map(seen.map((value) => [value.text, value.flows]))
    return answer(complete(q, offset, { limit, valuesOf: () => seen.map(({ text }) => text) }), flows)
  })

  bind(FILTER_FIELDS, () => ({ fields: FIELDS.map(toReply) }))

  async function valuesOf(field: Field): Promise<readonly SeenValue[]> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<readonly SeenValue[]>((resolve) => {
      timer = setTimeout(() => resolve([]), PATIENCE_MS)
    })
    const found = values.of(field.name).catch((error: Error) => {
      onFault(error)
      return []
    })
    const seen = await Promise.race([found, late])
    clearTimeout(timer)
    return seen
  }
}

function answer({ from, to, items }: ReturnType<typeof complete>, flows: ReadonlyMap<string, number>) {
  return {
    from,
    to,
    items: items.map((item) => {
      const count = item.kind === 'value' ? flows.get(unquoted(item.text)) : undefined
      return { ...item, ...(count !== undefined && { flows: count }) }
    }),
  }
}

const unquoted = (text: string): string => (text.startsWith('"') ? text.slice(1, -1).replaceAll(/\\(.)/g, '$1') : text)

function toReply(field: Field): FilterField {
  const { name, type, form, meaning, sides, optional, source } = field
  return {
    name,
    type,
    form,
    meaning,
    aliases: aliasesOf(field),
    either: sides !== undefined,
    optional,
    member: memberOf(source),
  }
}

function memberOf(source: string | undefined): string | null {
  if (source === 'site') return 'site'
  return source !== undefined && source in COLUMNS ? (columnSpec(source as ColumnName).json ?? source) : null
}
