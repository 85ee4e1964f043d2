// Which nats-server a broker command means, with which keys and which CA: that of a hub's folder, else that of the environment.
import { join, resolve } from 'node:path'
import { keyFolder, type Role } from '@netbehave/broker'
import type { Environment } from '../environment.ts'
import { hubUrl, requireHubSettings } from './hub-settings.ts'

export interface HubChoice {
  /** Folder of `netbehave broker init`. */
  readonly dir?: string
  /** Another address than that of the folder. */
  readonly brokerUrl?: string
}

export interface ChosenHub {
  readonly brokerUrl: string
  readonly brokerCa: string
  /** Folder with the key of a role; empty: the broker asks for none. */
  readonly keysOf: (role: Role) => string
}

export const DEFAULT_URL = 'nats://127.0.0.1:4222'

export function chooseHub({ dir, brokerUrl }: HubChoice, { env }: Pick<Environment, 'env'>): ChosenHub {
  if (dir === undefined) {
    return {
      brokerUrl: brokerUrl ?? env.NETBEHAVE_BROKER_URL ?? DEFAULT_URL,
      brokerCa: env.NETBEHAVE_BROKER_CA ?? '',
      keysOf: () => env.NETBEHAVE_BROKER_KEYS ?? '',
    }
  }
  const settings = requireHubSettings(dir)
  return {
    brokerUrl: brokerUrl ?? env.NETBEHAVE_BROKER_URL ?? hubUrl(settings),
    brokerCa: settings.isTls ? join(resolve(dir), 'tls', 'ca.pem') : '',
    keysOf: (role) => join(resolve(dir), 'keys', keyFolder(role)),
  }
}
