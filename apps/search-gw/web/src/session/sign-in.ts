import type { Me } from '@netbehave/schema/api'
import { ApiProblem, ask } from '../api/ask.ts'
import { me, signInReason } from './session.ts'

/** Asks who is signed in. Fails: ApiProblem other than 401. */
export async function findMe(): Promise<void> {
  try {
    me.value = await ask<Me>('GET', 'session')
  } catch (error) {
    if (!(error instanceof ApiProblem && error.status === 401)) throw error
    me.value = null
  }
}

export async function signIn(user: string, password: string): Promise<void> {
  me.value = await ask<Me>('POST', 'session', { body: { user, password } })
  signInReason.value = ''
}

export async function signOut(): Promise<void> {
  await ask('DELETE', 'session')
  signInReason.value = ''
  me.value = null
}
