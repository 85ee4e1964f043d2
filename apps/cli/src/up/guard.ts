// Makes nats-server end when `netbehave up` ends, however it ends. Node cannot ask the kernel for that (Linux's
// PR_SET_PDEATHSIG), so a shell waits on a pipe that only we hold: when we are gone it reads the end, and sends SIGTERM.
import { spawn } from 'node:child_process'

/** Guards a child process until disposed; dispose it when the child has ended, before its pid can be another's. */
export function guardChild(pid: number): Disposable {
  // detached: Ctrl-C goes to the whole foreground group, and must not end the guard before us.
  const shell = spawn('/bin/sh', ['-c', 'read -r _; kill -TERM "$1"', 'sh', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  shell.on('error', () => {}) // no shell, no guard: the next start still ends what was left behind
  shell.stdin.on('error', () => {})
  shell.unref()
  ;(shell.stdin as unknown as { unref?: () => void }).unref?.()
  return {
    [Symbol.dispose]() {
      shell.kill('SIGKILL')
    },
  }
}
