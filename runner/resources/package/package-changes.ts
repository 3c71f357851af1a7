import type { Change } from '../../contract/change.ts'
import { refused } from '../refused.ts'
import { isOlder, wishOf, type PackageWish } from './editions.ts'
import { managers, type Manager } from './managers.ts'

type Field = 'installed' | 'newest'

interface Wish {
  readonly state: 'present' | 'absent' | 'latest'
  readonly update_cache: boolean
  readonly allow_downgrade: boolean
  readonly disable_recommends?: boolean | undefined
  readonly disable_gpg_check: boolean
}
interface Current {
  readonly manager: string | null
  readonly version: Readonly<Record<string, string>> | null
  readonly available: Readonly<Record<string, string>> | null
}
type Differences = { readonly [F in Field]?: { readonly to: unknown } }

/** What removes, installs and updates packages: one transaction each. */
export function packageChanges(
  diff: Differences,
  wish: Wish,
  current: Current,
): readonly Change<Field>[] {
  const manager: Manager = managers[current.manager as 'zypper']
  const differing = Object.keys(diff.installed?.to ?? {})
  if (differing.length > 0 && wish.state === 'absent')
    return [
      {
        title: `remove ${differing.join(', ')}`,
        repairs: ['installed'],
        effect: 'replaces',
        guard: ['installed'],
        actions: [manager.remove(wishesOf(differing, current))],
      },
    ]
  const refresh = wish.update_cache ? [manager.refresh] : []
  const stale = Object.keys(diff.newest?.to ?? {}).filter((one) => !differing.includes(one))
  const update: Change<Field> = {
    title: `update ${stale.map((one) => `${one} to ${current.available?.[one]}`).join(', ')}`,
    repairs: ['newest'],
    actions: [...refresh, manager.upgrade(wishesOf(stale, current), wish)],
  }
  if (differing.length === 0) return [update]
  const older = wishesOf(differing, current).filter((each) => {
    const installed = current.version?.[each.written]
    return installed !== undefined && isOlder(each, installed)
  })
  if (older.length > 0 && !wish.allow_downgrade) return refuseOlder(older[0]!, current)
  const install = {
    title: `install ${differing.join(', ')}`,
    // What is installed now is the newest at once.
    repairs: (stale.length === 0 && diff.newest
      ? ['installed', 'newest']
      : ['installed']) as Field[],
    actions: [...refresh, manager.install(wishesOf(differing, current), wish, older.length > 0)],
  }
  if (older.length > 0) return [{ ...install, effect: 'replaces', guard: ['installed'] }]
  return stale.length > 0 ? [install, update] : [install]
}

function wishesOf(written: readonly string[], { manager }: Current): readonly PackageWish[] {
  return written.map((each) => wishOf(each, manager !== 'apt'))
}

function refuseOlder(
  { written, name }: PackageWish,
  { version }: Current,
): readonly Change<Field>[] {
  return refused(
    `install ${written}`,
    ['installed'],
    `${name} is installed in a newer version, ${version?.[written]}`,
    'write `allow_downgrade: true` where the older one is meant',
  )
}
