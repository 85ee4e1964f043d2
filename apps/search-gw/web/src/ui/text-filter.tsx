import { useEffect, useRef, useState } from 'preact/hooks'

interface TextFilterProps {
  readonly label: string
  readonly value: string
  readonly onChange: (value: string) => void
}

const PAUSE_MS = 300

/** A text that narrows a list, a moment after the last key. */
export function TextFilter({ label, value, onChange }: TextFilterProps) {
  const [text, setText] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => setText(value), [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <input
      class="form-control form-control-sm is-wide"
      type="search"
      aria-label={label}
      placeholder={label}
      maxLength={128}
      spellcheck={false}
      value={text}
      onInput={(event) => {
        const next = event.currentTarget.value
        setText(next)
        clearTimeout(timer.current)
        timer.current = setTimeout(() => onChange(next.trim()), PAUSE_MS)
      }}
    />
  )
}
