// What could stand at the caret: fields and operators at once from the language in the browser, values with their counts
// from the gateway a moment later.
import type { FilterCompletions } from '@netbehave/schema/api'
import { useEffect, useState } from 'preact/hooks'
import { get } from '../api/ask.ts'
import { useLanguage } from './use-language.ts'

export type CompletionItem = FilterCompletions['items'][number]
export interface CompletionList {
  readonly from: number
  readonly to: number
  readonly items: readonly CompletionItem[]
}

const NONE: CompletionList = { from: 0, to: 0, items: [] }
const PAUSE_MS = 150
const MOST = 60

/** `at` null: the list is closed. */
export function useCompletions(text: string, at: number | null): CompletionList {
  const language = useLanguage()
  const [remote, setRemote] = useState<{ key: string; list: CompletionList }>()
  const key = `${at} ${text}`

  useEffect(() => {
    if (at === null) return
    const controller = new AbortController()
    const timer = setTimeout(() => {
      get<FilterCompletions>('filter/complete', { q: text, at, limit: MOST }, controller.signal).then(
        (list) => setRemote({ key: `${at} ${text}`, list }),
        // Values with counts are an extra: without them the language's own stand.
        () => undefined,
      )
    }, PAUSE_MS)
    return () => {
      clearTimeout(timer)
      controller.abort()
    }
  }, [text, at])

  if (at === null) return NONE
  if (remote?.key === key && remote.list.items.length > 0) return remote.list
  if (!language) return NONE
  const local = language.completionsAt(text, at)
  return { ...local, items: local.items.slice(0, MOST) }
}
