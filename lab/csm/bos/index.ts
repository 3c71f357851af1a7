import { componentRoutes } from './components.ts'
import { sessionRoutes } from './sessions.ts'
import { templateRoutes } from './templates.ts'
import { noSuchUrl, notAllowed } from '../problems.ts'
import type { ServiceTable } from '../route.ts'

/** The Boot Orchestration Service. */
export const bos: ServiceTable = {
  name: 'bos',
  prefix: '/apis/bos',
  routes: [...templateRoutes, ...sessionRoutes, ...componentRoutes],
  unknownPath: noSuchUrl,
  wrongMethod: notAllowed,
}
