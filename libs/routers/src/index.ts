export { findRouter, ROUTERS, type RouterSetup } from './routers.ts'
