import { useState } from 'preact/hooks'
import { Icon } from './icon.tsx'

/** Copies a text; where the browser forbids it (no HTTPS), the text is selected for the reader to copy. */
export function CopyButton({ text, label = 'Copy', sourceId }: { text: string; label?: string; sourceId?: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'selected'>('idle')
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
      setState('copied')
    } catch {
      const source = sourceId && document.getElementById(sourceId)
      if (source instanceof HTMLTextAreaElement) {
        source.focus()
        source.select()
      } else if (source) getSelection()?.selectAllChildren(source)
      setState('selected')
    }
    setTimeout(() => setState('idle'), 2500)
  }
  return (
    <button type="button" class="btn btn-outline-secondary btn-sm" onClick={() => void copy()}>
      <Icon name={state === 'copied' ? 'check' : 'copy'} />
      <span aria-live="polite">{state === 'copied' ? 'Copied' : state === 'selected' ? 'Press Ctrl+C' : label}</span>
    </button>
  )
}
