// Every page: where it is, how it is called, and what loads it. Live is in the first load; the others come when they are shown.
import type { ComponentType } from 'preact'
import { LivePage } from './live/live-page.tsx'
import type { IconName } from './ui/icon.tsx'

export interface PageEntry {
  /** Its path and everything below it. */
  readonly path: string
  readonly title: string
  readonly icon: IconName
  readonly load: () => Promise<ComponentType>
  /** Not in the menu: reached from elsewhere. */
  readonly isAside?: boolean
}

export const PAGES: readonly PageEntry[] = [
  { path: '/', title: 'Live', icon: 'live', load: async () => LivePage },
  {
    path: '/search',
    title: 'Search',
    icon: 'search',
    load: async () => (await import('./search/search-page.tsx')).SearchPage,
  },
  {
    path: '/assets',
    title: 'Assets',
    icon: 'assets',
    load: async () => (await import('./assets/assets-page.tsx')).AssetsPage,
  },
  { path: '/dns', title: 'DNS', icon: 'dns', load: async () => (await import('./dns/dns-page.tsx')).DnsPage },
  {
    path: '/rules',
    title: 'Rules',
    icon: 'rules',
    load: async () => (await import('./rules/rules-page.tsx')).RulesPage,
  },
  {
    path: '/alerts',
    title: 'Alerts',
    icon: 'alerts',
    load: async () => (await import('./alerts/alerts-page.tsx')).AlertsPage,
  },
  { path: '/days', title: 'Days', icon: 'days', load: async () => (await import('./days/days-page.tsx')).DaysPage },
  {
    path: '/health',
    title: 'Health',
    icon: 'health',
    load: async () => (await import('./health/health-page.tsx')).HealthPage,
  },
  {
    path: '/first-run',
    title: 'First run',
    icon: 'flag',
    load: async () => (await import('./first-run/first-run-page.tsx')).FirstRunPage,
  },
  {
    path: '/help',
    title: 'Help',
    icon: 'help',
    load: async () => (await import('./help/help-page.tsx')).HelpPage,
  },
  {
    path: '/account',
    title: 'Account',
    icon: 'user',
    load: async () => (await import('./account/account-page.tsx')).AccountPage,
    isAside: true,
  },
]

export const pageOf = (path: string): PageEntry | undefined =>
  PAGES.find((page) => page.path === path || (page.path !== '/' && path.startsWith(`${page.path}/`))) ??
  (path === '/live' ? PAGES[0] : undefined)
