// The line that `up` prints once everything runs: for people, and as JSON for scripts.

/** Addresses of a running copy: a hub has a console, a site has a hub. */
export type Ready = {
  readonly collector: readonly string[]
  readonly nats: string
} & ({ readonly http: string } | { readonly site: string; readonly hub: string })

export const formatReadyJson = (ready: Ready): string => `${JSON.stringify({ ready: true, ...ready })}\n`

export function formatReady(ready: Ready, dataDir: string): string {
  const what = 'hub' in ready ? `site ${ready.site} of the hub ${ready.hub}` : `console ${ready.http}/`
  return `ready: flows to UDP ${ready.collector.join(', ')} · ${what} · broker ${ready.nats} · data in ${dataDir}\n`
}
