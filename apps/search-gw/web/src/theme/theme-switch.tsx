import { Icon, type IconName } from '../ui/icon.tsx'
import { chooseTheme, THEMES, type Theme, theme } from './theme.ts'

const ICONS: Readonly<Record<Theme, IconName>> = { system: 'system', light: 'sun', dark: 'moon' }
const LABELS: Readonly<Record<Theme, string>> = { system: 'as the system', light: 'light', dark: 'dark' }

/** One button: system → light → dark. */
export function ThemeSwitch() {
  const next = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length]!
  const label = `Colours: ${LABELS[theme.value]}. Change to ${LABELS[next]}`
  return (
    <button type="button" class="btn btn-icon" title={label} aria-label={label} onClick={() => chooseTheme(next)}>
      <Icon name={ICONS[theme.value]} />
    </button>
  )
}
