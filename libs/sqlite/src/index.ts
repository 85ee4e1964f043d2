export * from './migrations.ts'
export * from './open.ts'
