import { useEffect, useState } from 'preact/hooks'

type Language = typeof import('./language.ts')
let loading: Promise<Language> | undefined

/** The filter language once it is loaded. */
export function useLanguage(): Language | undefined {
  const [language, setLanguage] = useState<Language>()
  useEffect(() => {
    let isHere = true
    loading ??= import('./language.ts')
    // Without it the gateway still says what is wrong with a filter.
    loading.then(
      (module) => isHere && setLanguage(module),
      () => {
        loading = undefined
      },
    )
    return () => {
      isHere = false
    }
  }, [])
  return language
}
