import { useRef } from 'preact/hooks'
import { ask } from '../api/ask.ts'
import { useChange } from '../api/use-change.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Fault } from '../ui/states.tsx'
import type { AssetDetail } from './asset-page.tsx'

interface EditAssetProps {
  readonly asset: AssetDetail
  readonly onClose: (isDone: boolean) => void
}

const FIELDS = [
  ['name', 'Name', 128],
  ['hostname', 'Host name', 253],
  ['owner', 'Owner', 128],
  ['type', 'Kind of device', 64],
] as const

/** What a person says of an asset is never overwritten by what is seen. Only what was changed is sent. */
export function EditAsset({ asset, onClose }: EditAssetProps) {
  const change = useChange()
  const form = useRef<HTMLFormElement>(null)

  async function save(event: SubmitEvent): Promise<void> {
    event.preventDefault()
    const data = new FormData(form.current!)
    const text = (field: string): string => String(data.get(field)).trim()
    const set: Record<string, unknown> = {}
    for (const field of ['name', 'hostname', 'owner', 'type', 'note'] as const) {
      if (text(field) !== asset[field]) set[field] = text(field)
    }
    const tags = text('tags')
      .split(',')
      .map((tag) => tag.trim())
      .filter(Boolean)
    if (tags.join() !== asset.tags.join()) set.tags = tags
    const path = `assets/${encodeURIComponent(asset.site)}/${encodeURIComponent(asset.ip)}`
    if (await change.run(() => ask('PATCH', path, { body: { version: asset.version, set } }))) onClose(true)
  }

  return (
    <Dialog title={`Edit ${asset.name || asset.hostname || asset.ip}`} onClose={() => onClose(false)}>
      <form ref={form} class="stack" onSubmit={(event) => void save(event)}>
        {FIELDS.map(([field, label, most]) => (
          <div key={field}>
            <label class="form-label" for={`asset-${field}`}>
              {label}
            </label>
            <input
              class="form-control"
              id={`asset-${field}`}
              name={field}
              defaultValue={asset[field]}
              maxLength={most}
              autocomplete="off"
            />
          </div>
        ))}
        <div>
          <label class="form-label" for="asset-tags">
            Tags, parted by commas
          </label>
          <input
            class="form-control"
            id="asset-tags"
            name="tags"
            defaultValue={asset.tags.join(', ')}
            autocomplete="off"
          />
        </div>
        <div>
          <label class="form-label" for="asset-note">
            Note
          </label>
          <textarea
            class="form-control"
            id="asset-note"
            name="note"
            rows={3}
            maxLength={2000}
            defaultValue={asset.note}
          />
        </div>
        {change.problem && <Fault problem={change.problem} />}
        <button type="submit" class="btn btn-primary" disabled={change.isRunning}>
          {change.isRunning ? 'Saving …' : 'Save'}
        </button>
      </form>
    </Dialog>
  )
}
