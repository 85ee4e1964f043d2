import type { Pages } from '../api/use-pages.ts'
import { Fault } from './states.tsx'

export function MoreButton({ pages }: { readonly pages: Pages<unknown> }) {
  return (
    <>
      {pages.problem && <Fault problem={pages.problem} again={pages.more} />}
      {pages.hasMore && !pages.problem && (
        <p class="grid-foot">
          <button
            type="button"
            class="btn btn-outline-secondary btn-sm"
            disabled={pages.isWaiting}
            onClick={pages.more}
          >
            {pages.isWaiting ? 'Loading …' : 'Show more'}
          </button>
        </p>
      )}
    </>
  )
}
