import { pageSize, spoken, type Face } from './faces.ts'
import { described } from '../connexion/described-routes.ts'
import { json, type Route } from '../service-route.ts'

/** The options of CFS until a user sets more. */
export const options = {
  default_ansible_config: 'cfs-default-ansible-cfg',
  default_page_size: pageSize,
  default_playbook: 'site.yml',
  include_ara_links: true,
  logging_level: 'INFO',
}

/** The options of CFS in one of its versions, read only. */
export function optionRoutes(face: Face): readonly Route[] {
  return [
    described({
      method: 'GET',
      path: `/${face}/options`,
      source: 'config-framework-service:src/server/cray/cfs/api/controllers/options.py',
      operation: () => ({}),
      answer: () => json(200, spoken(face, options)),
    }),
  ]
}
