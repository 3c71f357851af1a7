import { options as optionFields } from './bos-schemas.ts'
import { described } from '../connexion/described-routes.ts'
import { json, sorted, type Route } from '../service-route.ts'

const source = 'bos:src/bos/server/controllers/v2/options.py'

/** BOS's options. */
export const optionRoutes: readonly Route[] = [
  described({
    method: 'GET',
    path: '/v2/options',
    source,
    operation: () => ({}),
    answer: (_call, system) => json(200, sorted(system.bos.options)),
  }),
  described({
    method: 'PATCH',
    path: '/v2/options',
    source,
    operation: (release) => ({ body: optionFields(release) }),
    answer(call, system) {
      const given = call.body as typeof system.bos.options
      // What BOS does not know it says once, and forgets.
      const { properties } = optionFields(system.release)
      for (const [name, value] of Object.entries(given))
        if (Object.hasOwn(properties!, name)) system.bos.options[name] = value
      return json(200, sorted({ ...system.bos.options, ...given }))
    },
  }),
]
