// Light, dark, or as the system: Bootstrap's `data-bs-theme` on the root element.
import { effect, signal } from '@preact/signals'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const KEY = 'netbehave.theme'
const prefersDark = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(prefersDark.matches)
prefersDark.addEventListener('change', () => {
  systemIsDark.value = prefersDark.matches
})

function stored(): Theme {
  try {
    const text = localStorage.getItem(KEY)
    return THEMES.find((theme) => theme === text) ?? 'system'
  } catch {
    return 'system' // storage is switched off
  }
}

export const theme = signal<Theme>(stored())
/** What is shown. */
export const shownTheme = (): 'light' | 'dark' =>
  theme.value === 'system' ? (systemIsDark.value ? 'dark' : 'light') : theme.value

effect(() => {
  document.documentElement.dataset.bsTheme = shownTheme()
})

export function chooseTheme(choice: Theme): void {
  theme.value = choice
  try {
    localStorage.setItem(KEY, choice)
  } catch {
    // Then it holds until the page is left.
  }
}
