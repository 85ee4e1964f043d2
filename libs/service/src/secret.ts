// Which values are secrets: never shown, in no printed configuration and in no sentence. By the key's name, or said by the schema
// (`.meta({ secret: true })`): an address or a topic may be as good as a password.
import type { z } from 'zod'

const SECRET = /password|secret|seed|token|credential/i

export const isSecret = (key: string, schema?: z.ZodType): boolean =>
  SECRET.test(key) || schema?.meta()?.secret === true

/** What is shown in its place; of a web address server and port, which say that it is the right one. */
export function maskSecret(text: string): string {
  if (text === '') return ''
  const url = URL.parse(text)
  return url?.host ? `${url.protocol}//${url.host}/***` : '***'
}
