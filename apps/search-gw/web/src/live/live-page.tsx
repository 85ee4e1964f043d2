import type { Flow } from '@netbehave/schema/api'
import { useComputed } from '@preact/signals'
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks'
import { condition, withCondition } from '../filter/edit-filter.ts'
import { FilterBox } from '../filter/filter-box.tsx'
import { FlowDrawer } from '../flow/flow-drawer.tsx'
import { FlowGrid } from '../flow/flow-grid.tsx'
import { Link } from '../router/link.tsx'
import { changeQuery, pathWith, place } from '../router/place.ts'
import { Icon } from '../ui/icon.tsx'
import { Page } from '../ui/page.tsx'
import { Pane } from '../ui/states.tsx'
import { LiveFeed } from './live-feed.ts'
import { StatLine } from './stat-line.tsx'

export function LivePage() {
  const filter = place.value.query.get('q') ?? ''
  const feed = useMemo(() => new LiveFeed(filter), [])
  const [opened, setOpened] = useState<Flow>()
  const isPausedByScroll = useRef(false)
  const applied = useRef(filter)

  useEffect(() => () => feed.close(), [feed])
  useEffect(() => {
    if (applied.current === filter) return
    applied.current = filter
    feed.apply(filter)
  }, [feed, filter])

  const pause = useCallback(
    (byScroll: boolean) => {
      isPausedByScroll.current = byScroll
      feed.pause()
    },
    [feed],
  )
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement
      if (
        event.key !== ' ' ||
        event.altKey ||
        event.ctrlKey ||
        target.closest('input, textarea, select, button, summary, dialog')
      )
        return
      event.preventDefault()
      if (feed.isPaused.value) feed.resume()
      else pause(false)
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [feed, pause])

  const isEmpty = useComputed(() => feed.entries.value.length === 0)
  const isPaused = feed.isPaused.value
  const onScrollBack = useCallback(() => pause(true), [pause])
  const onEnd = useCallback(() => {
    if (isPausedByScroll.current) feed.resume()
  }, [feed])

  function onValue(field: string, value: string, isNot: boolean): void {
    setOpened(undefined)
    changeQuery({ q: withCondition(filter, condition(field, value), isNot) })
  }

  return (
    <Page title="Live" isFixed>
      <FilterBox value={filter} onApply={(q) => changeQuery({ q })} fault={feed.fault.value} />
      <div class="live-bar">
        <button
          type="button"
          class={isPaused ? 'btn btn-primary btn-sm live-toggle' : 'btn btn-outline-secondary btn-sm live-toggle'}
          onClick={() => (isPaused ? feed.resume() : pause(false))}
          title="Space does the same"
        >
          <Icon name={isPaused ? 'play' : 'pause'} /> {isPaused ? 'Start' : 'Pause'}
        </button>
        <StatLine feed={feed} />
        <Link
          class="btn btn-outline-secondary btn-sm is-last"
          title="The same in history"
          to={pathWith('/search', { q: filter })}
        >
          <Icon name="search" /> <span>The same in history</span>
        </Link>
      </div>
      <div class="live-list">
        <FlowGrid
          label="Flows as they come, the newest last"
          entries={feed.entries.value}
          isFollowing={!isPaused}
          onScrollBack={onScrollBack}
          onEnd={onEnd}
          onValue={onValue}
          onOpen={(flow) => {
            pause(false)
            setOpened(flow)
          }}
          onGap={(gap) => void feed.loadGap(gap)}
        />
        {isEmpty.value && <NothingYet feed={feed} filter={filter} />}
      </div>
      {opened && <FlowDrawer flow={opened} onClose={() => setOpened(undefined)} onValue={onValue} />}
    </Page>
  )
}

function NothingYet({ feed, filter }: { feed: LiveFeed; filter: string }) {
  const state = feed.socketState.value
  if (feed.fault.value) {
    return (
      <Pane icon="warning" title="This is no filter yet">
        <p>What is wrong is underlined above; correct it and press Enter.</p>
      </Pane>
    )
  }
  if (state.is === 'lost') {
    return (
      <Pane icon="warning" title="No connection">
        <p>The connection is lost: {state.why}. It is tried again by itself.</p>
      </Pane>
    )
  }
  if (feed.isPaused.value) return <Pane icon="pause" title="Paused" />
  if (filter) {
    return (
      <Pane icon="live" title="Nothing matches yet">
        <p>Flows that match the filter appear here as they come. What came before is under Search.</p>
        <button type="button" class="btn btn-outline-secondary btn-sm" onClick={() => changeQuery({ q: null })}>
          Show everything
        </button>
      </Pane>
    )
  }
  return (
    <Pane icon="live" title="Waiting for flows">
      <p>
        Flows appear here as exporters send them. Nothing comes? <Link to="/first-run">First run</Link> shows how to
        point a router here, <Link to="/health">Health</Link> what is wrong.
      </p>
    </Pane>
  )
}
