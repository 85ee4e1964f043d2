// Asks every app whether its configuration is good, or what it is: its main.ts with --check or --print-config, as a worker.
import { text } from 'node:stream/consumers'
import { Worker } from 'node:worker_threads'
import type { AppName } from '@netbehave/schema'
import type { ServiceMessage } from '@netbehave/service'
import type { App } from './apps.ts'

export interface AppAnswer {
  readonly program: AppName
  /** What --print-config wrote. */
  readonly output: string
  /** What is wrong; empty when nothing is. */
  readonly findings: readonly string[]
}

export function askApps(
  apps: readonly App[],
  flag: '--check' | '--print-config',
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<AppAnswer[]> {
  return Promise.all(apps.map((app) => askApp(app, [...argv, flag], env)))
}

async function askApp(app: App, argv: string[], env: Readonly<Record<string, string | undefined>>): Promise<AppAnswer> {
  const worker = new Worker(app.main, { name: app.name, argv, env: { ...env }, stdout: true, stderr: true })
  let findings: readonly string[] = []
  worker.on('message', (message: ServiceMessage) => {
    if (message.type === 'failed') findings = message.findings ?? [message.sentence]
  })
  worker.on('error', (error: Error) => {
    if (findings.length === 0) findings = [error.message]
  })
  const [output] = await Promise.all([
    text(worker.stdout),
    text(worker.stderr),
    new Promise((resolve) => worker.once('exit', resolve)),
  ])
  return { program: app.name, output, findings }
}
