import type { ComponentChildren } from 'preact'

export type Tone = 'good' | 'warning' | 'bad' | 'note' | 'plain'

export function Badge({
  tone = 'plain',
  title,
  children,
}: {
  tone?: Tone
  title?: string
  children: ComponentChildren
}) {
  return (
    <span class={`tag tag-${tone}`} title={title}>
      {children}
    </span>
  )
}
/* tag-good tag-warning tag-bad tag-note tag-plain */
