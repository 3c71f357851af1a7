import { describe, expect, it } from 'vitest'
import { fulfils, isOlder, namesToAsk, wishOf } from './editions.ts'

describe('a package that is wanted in a version', () => {
  it.each([
    ['podman', true, 'podman', null, ''],
    ['podman=4.4.4', true, 'podman', '=', '4.4.4'],
    ['podman>=4.4', true, 'podman', '>=', '4.4'],
    ['podman-4.4.4-150500.3.5.1', true, 'podman', '=', '4.4.4-150500.3.5.1'],
    ['podman-4.4.4', true, 'podman', '=', '4.4.4'],
    // Debian has packages of such names, and no other way to write a version than `=`.
    ['gir1.2-gtk-3.0', false, 'gir1.2-gtk-3.0', null, ''],
    ['libgtk-3-0', true, 'libgtk-3-0', null, ''],
    ['python3-3', true, 'python3-3', null, ''],
    ['vim=2:9.0.1378-2', false, 'vim', '=', '2:9.0.1378-2'],
  ])('%s', (written, isRpm, name, relation, version) => {
    expect(wishOf(written, isRpm)).toEqual({ written, name, relation, version })
  })

  it('is the package of that whole name where one is installed', () => {
    expect(wishOf('gtk-sharp-2.0', true, { 'gtk-sharp-2.0': '1-1' }).relation).toBeNull()
    expect(namesToAsk(['gtk-sharp-2.0', 'podman>=4', 'jq'], true)).toEqual([
      'gtk-sharp-2.0',
      'gtk-sharp',
      'podman',
      'jq',
    ])
    expect(namesToAsk(['gtk-sharp-2.0'], false)).toEqual(['gtk-sharp-2.0'])
  })

  it.each([
    ['p=4.4.4', '4.4.4-150500.3', true],
    ['p=4.4', '4.4.4-1', false],
    ['p=4.4.4-2', '4.4.4-1', false],
    ['p>=4.4', '4.10.0-1', true],
    ['p>=4.4', '4.3.9-9', false],
    ['p>=1.0', '1.0~rc1-1', false],
    ['p>=1.0', '1.0^git1-1', true],
    ['p>=9.0', '2:9.0.1378-2', true],
    ['p=2:9.0.1378-2', '2:9.0.1378-2', true],
    ['p=1:9.0.1378-2', '2:9.0.1378-2', false],
    ['p>=1.0.010', '1.0.9-1', false],
    ['p>=1.0.1', '1.0.1a-1', true],
    ['p', 'anything', true],
  ])('%s: %s will do: %s', (written, installed, isFine) => {
    expect(fulfils(wishOf(written, true), installed)).toBe(isFine)
  })

  it('is older or newer than what is there', () => {
    expect(isOlder(wishOf('p=4.4', true), '4.5-1')).toBe(true)
    expect(isOlder(wishOf('p=4.5', true), '4.4-9')).toBe(false)
  })
})
