import { randomUUID } from 'node:crypto'
import { timestamp } from '../contents.ts'
import { brokenInside, inputOf } from './ims-problems.ts'
import { keptLink, missingArtifact, one, type Link } from './ims-records.ts'
import { recipe } from './ims-schemas.ts'
import { json, sorted, type Asked, type Reply, type Route } from '../service-route.ts'
import type { System } from '../system.ts'
import type { RecipeRecord } from '../system-model.ts'

/** The routes of IMS's recipes below a version's prefix. */
export function recipeRoutes(prefix: '/v3' | '/v2' | ''): readonly Route[] {
  const source = `ims:src/server/${prefix === '/v3' ? 'v3' : 'v2'}/resources/recipes.py`
  return [
    {
      method: 'GET',
      path: `${prefix}/recipes`,
      source,
      answer: (_asked, system) => json(200, sorted(system.recipes)),
    },
    { method: 'POST', path: `${prefix}/recipes`, source, answer: create },
    {
      method: 'GET',
      path: `${prefix}/recipes/:id`,
      source,
      answer: (asked, system) => one(system.recipes, asked),
    },
  ]
}

function create(asked: Asked, system: System): Reply {
  const input = inputOf(asked, recipe)
  if (input.refused) return input.refused
  const { name, recipe_type, linux_distribution, template_dictionary, require_dkms, arch, link } =
    input.given as Omit<RecipeRecord, 'id' | 'created' | 'link'> & { link?: Link | null }
  if (link) {
    // IMS means to say that the path is taken, and breaks over its own message.
    if (system.recipes.some((each) => each.link?.path === link.path)) return brokenInside
    const missing = missingArtifact(keptLink(link), system)
    if (missing) return missing
  }
  const record: RecipeRecord = {
    id: randomUUID(),
    created: timestamp(system.now()),
    name,
    recipe_type,
    linux_distribution,
    template_dictionary: template_dictionary ?? [],
    require_dkms: require_dkms ?? true,
    arch: arch ?? 'x86_64',
    link: link ? keptLink(link) : null,
  }
  system.recipes.push(record)
  return json(201, sorted(record))
}
