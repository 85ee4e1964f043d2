import { Page } from '../ui/page.tsx'

export function FirstRunPage() {
  return <Page title="FirstRun">…</Page>
}
