// Makes nats-server end when `netbehave up` ends, however it ends. Node cannot ask the kernel for that (Linux's
// PR_SET_PDEATHSIG), so a shell waits on a pipe that only we hold: when we are gone it reads the end, and sends SIGTERM.
import { spawn } from 'node:child_process'
import type { Writable } from 'node:stream'

// The shell that waits is a grandchild: nobody who looks for nats-server among our children finds it.
const WAIT_AND_END = '(read -r word <&3; [ "$word" = done ] || kill -TERM "$1") &'

/** Guards a child process until disposed; dispose it when the child has ended, before its pid can be another's. */
export function guardChild(pid: number): Disposable {
  // detached: Ctrl-C goes to the whole foreground group, and must not end the guard before us.
  // The pipe is number 3, because Node closes number 0 as soon as the first shell has ended.
  const shell = spawn('/bin/sh', ['-c', WAIT_AND_END, 'sh', String(pid)], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
  })
  const pipe = shell.stdio[3] as Writable
  shell.on('error', () => {}) // no shell, no guard: the next start still ends what was left behind
  pipe.on('error', () => {})
  shell.unref()
  return {
    [Symbol.dispose]() {
      pipe.end('done\n')
    },
  }
}
