import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { makeSystem } from '../csm/make-system.ts'
import { releases } from '../csm/system-model.ts'
import { catalogData, commitOf } from './product-catalog.ts'

type Named = Readonly<Record<string, { readonly id: string }>>
interface Version {
  readonly images: Named
  readonly recipes: Named
}

function csmOf(...about: Parameters<typeof catalogData>): Readonly<Record<string, Version>> {
  return parse(catalogData(...about)['csm']!) as Readonly<Record<string, Version>>
}
const idsOf = (named: Named): string[] => Object.values(named).map(({ id }) => id)

describe.each(releases)('the product catalog of CSM %s', (release) => {
  const { csm } = commitOf(release)

  it('names what IMS has, in the order of the letters', () => {
    const { images, recipes } = makeSystem({ release })
    const newest = csmOf(release)[csm]!
    for (const [named, records] of [
      [newest.images, images],
      [newest.recipes, recipes],
    ] as const) {
      expect(Object.entries(named).map(([name, { id }]) => [name, id])).toEqual(
        records.map(({ name, id }) => [name, id]),
      )
      expect(Object.keys(named)).toEqual(Object.keys(named).sort())
    }
  })

  it('holds more than one image that a loose pattern fits', () => {
    const names = Object.keys(csmOf(release)[csm]!.images)
    for (const loose of [/x86_64/, /csm/, /^compute/, /-[0-9.]+-x86_64/])
      expect(names.filter((name) => loose.test(name)).length).toBeGreaterThan(1)
  })

  it('keeps older installations whose images and recipes IMS has not', () => {
    const system = makeSystem({ release })
    const known = new Set([...system.images, ...system.recipes].map(({ id }) => id))
    for (const [version, { images, recipes }] of Object.entries(csmOf(release)))
      if (version !== csm)
        expect([...idsOf(images), ...idsOf(recipes)].filter((id) => known.has(id))).toEqual([])
  })
})

it('gives no two artifacts one id, and has images that are gone where a fault says so', () => {
  const versions = Object.values(csmOf('1.6', 'many-versions'))
  const ids = versions.flatMap(({ images, recipes }) => [...idsOf(images), ...idsOf(recipes)])
  expect(new Set(ids).size).toBe(ids.length)
  const { images } = makeSystem({ release: '1.6' })
  const gone = idsOf(csmOf('1.6', 'dead-images')['1.6.1']!.images)
  expect(gone.filter((id) => images.some((image) => image.id === id))).toEqual([])
})
