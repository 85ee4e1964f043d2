// Configuration of the gateway: section `search-gw` of netbehave.yaml, `SEARCH_GW_…` in the environment.
import { isIP } from 'node:net'
import { z } from 'zod'

const LISTEN = /^(?:\[[0-9a-fA-F:.]+\]|[^:]+):\d{1,5}$/

const block = z.string().refine(isBlock, 'write an address or a block like 10.0.0.0/8')
const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'write an origin like https://flows.example.com',
  )

export const SearchGwConfig = z.strictObject({
  listen: z
    .string()
    .regex(LISTEN, 'write HOST:PORT, for example 127.0.0.1:8055')
    .default('127.0.0.1:8055')
    .describe(
      'address of console and API; port 0 is any free one. Beyond loopback use TLS, here or in a proxy before it',
    ),
  basePath: z
    .string()
    .regex(/^(\/[A-Za-z0-9._~-]+)*$/, 'write a path like /netbehave, without a slash at its end')
    .default('')
    .describe('path below which everything is served; empty: the root')
    .meta({ examples: ['/netbehave'] }),
  tlsCert: z.string().default('').describe('PEM file of the certificate and its chain; with tlsKey HTTPS is served'),
  tlsKey: z.string().default('').describe('PEM file of its private key; both are read again when they change'),
  trustedProxies: z
    .array(block)
    .default([])
    .describe('proxies whose X-Forwarded-For, -Proto and -Host are believed; addresses or blocks')
    .meta({ examples: [['127.0.0.1', '10.0.0.0/8']] }),
  allowedOrigins: z
    .array(origin)
    .default([])
    .describe('origins that may write and open websockets besides the one that a request names as its Host')
    .meta({ examples: [['https://flows.example.com']] }),
  sessionIdleHours: z
    .number()
    .min(0.01)
    .max(8760)
    .default(24)
    .describe('a session ends after this long without a request'),
  rules: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "the enricher's files of rules, so that the Rules page can say what is wrong in the files, too; the rules in force it has from the enricher",
    )
    .meta({ examples: [['rules.yaml']] }),
  queryTimeLimitMs: z
    .int()
    .min(100)
    .max(3_600_000)
    .default(30_000)
    .describe('how long history may work on one question'),
  queriesAtOnce: z.int().min(1).max(64).default(4).describe('questions that history works on at once'),
  queriesWaiting: z
    .int()
    .min(0)
    .max(1000)
    .default(32)
    .describe('questions that wait for their turn; more are refused (503)'),
  memoryLimitMb: z.int().min(64).default(160).describe("DuckDB's memory for history, in MB; taken when first needed"),
  threads: z.int().min(1).max(64).default(2).describe("DuckDB's threads"),
  liveSockets: z.int().min(1).max(10_000).default(256).describe('live websockets at once'),
  liveSocketsPerUser: z.int().min(1).max(10_000).default(32).describe('of one user'),
  connections: z.int().min(8).max(100_000).default(1024).describe('TCP connections at once; more are closed'),
  connectionsPerAddress: z
    .int()
    .min(1)
    .max(100_000)
    .default(256)
    .describe('of one address, or IPv6 /64, that is no trusted proxy'),
})
export type SearchGwConfig = z.infer<typeof SearchGwConfig>

function isBlock(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128))
}
