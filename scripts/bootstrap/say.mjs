// What bootstrap says: one line per step on stderr, so that the command's own stdout stays clean.

/** A step that cannot be done. The message is one sentence with the cause; the remedy is what the reader can do. */
export class StepError extends Error {
  /**
   * @param {string} message the cause, one sentence without a full stop
   * @param {string} remedy what to do about it, one sentence without a full stop
   * @param {{ cause?: unknown, details?: string }} [more] details: the output of the program that failed
   */
  constructor(message, remedy, { cause, details } = {}) {
    super(message, { cause })
    this.name = 'StepError'
    this.remedy = remedy
    this.details = details ?? ''
  }
}

/** @param {string} line */
export function say(line) {
  process.stderr.write(`netbehave: ${line}\n`)
}

/** The last lines of a program's output: enough to see why it failed. @param {string} text */
export function lastLines(text, count = 15) {
  return text.trimEnd().split('\n').slice(-count).join('\n')
}
