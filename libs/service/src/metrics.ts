// Metrics that are read when somebody looks: the steps count in plain fields, nothing is paid on the hot path.
import { Counter, Gauge, type Registry } from 'prom-client'

export interface MetricsOf {
  /** A counter without labels. `read` returns its value now. */
  counter(name: string, help: string, read: () => number): void
  gauge(name: string, help: string, read: () => number): void
  /** A counter with one label; `read` returns its values by label. */
  counterBy(label: string, name: string, help: string, read: () => Iterable<readonly [string, number]>): void
  gaugeBy(label: string, name: string, help: string, read: () => Iterable<readonly [string, number]>): void
}

/** One of an app's connections to the broker, of which each role has its own. */
export interface CountedConnection {
  readonly counters: { readonly disconnects: number; readonly errors: number }
}

/** The two metrics that every app has: what happened on any of its connections. `libs/health` reads them. */
export function countConnections(
  registry: Registry,
  app: string,
  connections: () => readonly CountedConnection[],
): void {
  const { counter } = metricsOf(registry, app)
  const sum = (of: keyof CountedConnection['counters']) =>
    connections().reduce((total, { counters }) => total + counters[of], 0)
  counter('broker_disconnects_total', 'times a connection to the broker was lost', () => sum('disconnects'))
  counter('broker_errors_total', 'what the broker refused: publishes, subscriptions, keys', () => sum('errors'))
}

/** Registers metrics of one app: `netbehave_<app>_<step>_<what>`. */
export function metricsOf(registry: Registry, app: string): MetricsOf {
  const registers = [registry]
  const full = (name: string) => `netbehave_${app.replaceAll('-', '_')}_${name}`
  return {
    counter(name, help, read) {
      new Counter({
        name: full(name),
        help,
        registers,
        collect() {
          this.reset()
          this.inc(read())
        },
      })
    },
    gauge(name, help, read) {
      new Gauge({
        name: full(name),
        help,
        registers,
        collect() {
          this.set(read())
        },
      })
    },
    counterBy(label, name, help, read) {
      new Counter({
        name: full(name),
        help,
        labelNames: [label],
        registers,
        collect() {
          this.reset()
          for (const [value, count] of read()) this.inc({ [label]: value }, count)
        },
      })
    },
    gaugeBy(label, name, help, read) {
      new Gauge({
        name: full(name),
        help,
        labelNames: [label],
        registers,
        collect() {
          this.reset()
          for (const [value, count] of read()) this.set({ [label]: value }, count)
        },
      })
    },
  }
}
