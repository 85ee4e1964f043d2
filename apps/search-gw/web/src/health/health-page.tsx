import type { EXPORTERS, HEALTH_NUMBERS, Health, ReplyOf } from '@netbehave/schema/api'
import { get } from '../api/ask.ts'
import { useAsk } from '../api/use-ask.ts'
import { place } from '../router/place.ts'
import { Icon } from '../ui/icon.tsx'
import { Page } from '../ui/page.tsx'
import { Failed, Fault, Waiting } from '../ui/states.tsx'
import { Apps } from './apps.tsx'
import { ExporterDrawer } from './exporter-drawer.tsx'
import { ExporterTable } from './exporter-table.tsx'
import { Findings } from './findings.tsx'
import { Stores } from './stores.tsx'
import { Tiles } from './tiles.tsx'
import './health.css'

const REFRESH_MS = 5000

export function HealthPage() {
  const health = useAsk('health', (signal) => get<Health>('health', {}, signal), { everyMs: REFRESH_MS })
  const exporters = useAsk('exporters', (signal) => get<ReplyOf<typeof EXPORTERS>>('exporters', {}, signal), {
    everyMs: REFRESH_MS,
  })
  const numbers = useAsk('numbers', (signal) => get<ReplyOf<typeof HEALTH_NUMBERS>>('health/numbers', {}, signal), {
    everyMs: REFRESH_MS * 3,
  })
  const opened = place.value.query.get('exporter')
  const { answer } = health

  return (
    <Page title="Health" actions={answer && <Verdict health={answer} />}>
      {health.problem && answer && <Fault problem={health.problem} again={health.again} />}
      {!answer &&
        (health.problem ? <Failed problem={health.problem} again={health.again} /> : <Waiting what="how it is" />)}
      {answer && (
        <>
          <Findings findings={answer.findings} />
          <Tiles health={answer} />
          <h2>Exporters</h2>
          {exporters.problem && <Fault problem={exporters.problem} again={exporters.again} />}
          {exporters.answer && <ExporterTable exporters={exporters.answer.exporters} nowMs={exporters.answer.atMs} />}
          <div class="columns">
            <Apps health={answer} />
            <Stores health={answer} numbers={numbers.answer?.numbers ?? []} />
          </div>
          <p class="quiet small">
            Refreshed every 5 s. The same numbers for Prometheus:{' '}
            <a href={new URL('metrics', document.baseURI).href}>/metrics</a>.
          </p>
        </>
      )}
      {opened && <ExporterDrawer key={opened} ip={opened} />}
    </Page>
  )
}

function Verdict({ health: { status, findings, broker } }: { readonly health: Health }) {
  const bad = findings.filter(({ level }) => level === 'bad').length
  const warnings = findings.filter(({ level }) => level === 'warning').length
  const isBad = !broker.connected || bad > 0
  const isGood = !isBad && warnings === 0 && status === 'ok'
  const text = !broker.connected
    ? 'The broker is away'
    : bad > 0
      ? `${bad} ${bad === 1 ? 'thing is' : 'things are'} wrong`
      : warnings > 0
        ? `Works, ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`
        : status === 'ok'
          ? findings.some(({ id }) => id === 'no-exporter')
            ? 'Waiting for an exporter'
            : 'All is well'
          : 'Degraded'
  return (
    <p class={`verdict ${isBad ? 'verdict-bad' : isGood ? 'verdict-good' : 'verdict-warning'}`} role="status">
      <Icon name={isGood ? 'check' : 'warning'} /> {text}
    </p>
  )
}
