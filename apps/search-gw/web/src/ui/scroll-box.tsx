import type { ComponentChildren, Ref } from 'preact'

interface ScrollBoxProps {
  /** What is in it, for those who do not see it. */
  readonly label: string
  readonly class?: string
  readonly children: ComponentChildren
  readonly box?: Ref<HTMLElement>
}

/** A table or picture that is wider than a narrow window and scrolls by itself. */
export function ScrollBox({ label, class: name = 'table-box', children, box }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it
    <section class={name} aria-label={label} tabIndex={0} ref={box ?? null}>
      {children}
    </section>
  )
}
