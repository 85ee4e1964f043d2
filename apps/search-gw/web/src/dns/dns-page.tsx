import { Page } from '../ui/page.tsx'

export function DnsPage() {
  return <Page title="Dns">…</Page>
}
