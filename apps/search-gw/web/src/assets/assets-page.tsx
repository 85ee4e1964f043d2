import { Page } from '../ui/page.tsx'

export function AssetsPage() {
  return <Page title="Assets">…</Page>
}
