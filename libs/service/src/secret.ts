// Which keys are secrets: their values are never shown, in no printed configuration and in no sentence.

const SECRET = /password|secret|seed|token|credential/i

export const isSecret = (key: string): boolean => SECRET.test(key)
