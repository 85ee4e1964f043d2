import { ask } from '../api/ask.ts'
import { useChange } from '../api/use-change.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Fault } from '../ui/states.tsx'
import type { AssetDetail } from './asset-page.tsx'

export function ForgetAsset({
  asset,
  onClose,
}: {
  readonly asset: AssetDetail
  readonly onClose: (isDone: boolean) => void
}) {
  const change = useChange()
  async function forget(): Promise<void> {
    const path = `assets/${encodeURIComponent(asset.site)}/${encodeURIComponent(asset.ip)}`
    if (await change.run(() => ask('DELETE', path))) onClose(true)
  }
  return (
    <Dialog
      title={`Forget ${asset.name || asset.hostname || asset.ip}`}
      onClose={() => onClose(false)}
      footer={
        <button type="button" class="btn btn-outline-danger" disabled={change.isRunning} onClick={() => void forget()}>
          Forget it
        </button>
      }
    >
      <p>
        Its name, note, tags and ports are forgotten. Its flows stay. When it is seen again it is a new asset, with an
        alert.
      </p>
      {change.problem && <Fault problem={change.problem} />}
    </Dialog>
  )
}
