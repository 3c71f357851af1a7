import { componentRoutes } from './bos-components.ts'
import { sessionRoutes } from './bos-sessions.ts'
import { templateRoutes } from './bos-templates.ts'
import { noSuchUrl, notAllowed } from './problems.ts'
import type { ServiceTable } from './route.ts'

/** The Boot Orchestration Service. */
export const bos: ServiceTable = {
  name: 'bos',
  prefix: '/apis/bos',
  routes: [...templateRoutes, ...sessionRoutes, ...componentRoutes],
  unknownPath: noSuchUrl,
  wrongMethod: notAllowed,
}
