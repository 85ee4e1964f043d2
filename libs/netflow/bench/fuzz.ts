// `npm run fuzz -- --count N --seed S`: any number of mutated datagrams. A failure prints its seed and writes the datagram as
// hex, to become a test.
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { FuzzFailure, fuzz } from '../src/fuzz/fuzz.ts'

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})
const count = Number(values.count)
const seed = Number(values.seed)
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  console.error('usage: npm run fuzz -- [--count N] [--seed S]')
  process.exit(64)
}
console.error(`fuzz: ${count} datagrams, seed ${seed}`)
try {
  const report = fuzz({
    clock: () => performance.now(),
    count,
    seed,
    onProgress: (done) => {
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${count}`)
    },
  })
  if (process.stderr.isTTY) process.stderr.write('\n')
  console.log(JSON.stringify({ fuzz: 'netflow', seed, ...report }))
} catch (error) {
  if (!(error instanceof FuzzFailure)) throw error
  const file = `fuzz-${error.seed}-${error.index}.hex`
  writeFileSync(file, `${error.datagram.toString('hex')}\n`)
  console.error(
    `${error.message}\n${error.cause instanceof Error ? error.cause.stack : ''}\nthe datagram is in ${file}`,
  )
  process.exit(1)
}
