import { expect, it } from 'vitest'
import { builtinTypes } from '../resources/index.generated.ts'
import { programsForSomeParams, programsOf, servicesOf } from './started-programs.ts'
import { typeNeeds } from './type-needs.generated.ts'

it('takes what a type needs from its cases', () => {
  expect(programsOf('zypper_repository')).toEqual(['zypper'])
  expect(programsOf('product_catalog')).toEqual(['kubectl'])
  expect(programsOf('rbd_map')).toEqual(['rbd'])
  expect(programsOf('print')).toEqual([])
  expect(servicesOf('bos_session')).toEqual(['bos', 'hsm', 'pcs'])
  expect(servicesOf('file')).toEqual([])
})

it('asks for one of several package managers, and for all that the cases know', () => {
  for (const type of ['package', 'package_repository']) {
    const [sets] = programsOf(type) as readonly [readonly (readonly string[])[]]
    expect(sets.flat()).toEqual(expect.arrayContaining([...typeNeeds[type]!.programs]))
  }
})

it('leaves out what only some params start, and each of that is started by some case', () => {
  for (const [type, programs] of Object.entries(programsForSomeParams)) {
    expect(typeNeeds[type]!.programs).toEqual(expect.arrayContaining([...programs]))
    expect(programsOf(type)).not.toEqual(expect.arrayContaining([programs[0]]))
  }
})

it('names built-in types alone', () => {
  const names = builtinTypes.map((type) => type.name)
  expect(names).toEqual(expect.arrayContaining(Object.keys(typeNeeds)))
})
