import { Badge } from '../ui/badge.tsx'

interface MacProps {
  readonly mac: string | null
  readonly vendor: string
  readonly isRandom: boolean
}

/** A MAC with the vendor of its block, which a made-up one has not. */
export function Mac({ mac, vendor, isRandom }: MacProps) {
  if (mac === null) return <span class="quiet">not known</span>
  return (
    <>
      <span class="mac">{mac}</span>{' '}
      {isRandom ? (
        <Badge title="The device made this MAC up (locally administered), so its vendor is not known">random</Badge>
      ) : (
        <span class="quiet">{vendor || 'vendor not known'}</span>
      )}
    </>
  )
}
