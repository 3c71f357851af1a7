import type { Change } from '../../contract/change.ts'
import { managers, type Manager } from './managers.ts'

type Field = 'installed' | 'newest'

interface Wish {
  readonly state: 'present' | 'absent' | 'latest'
  readonly update_cache: boolean
  readonly disable_recommends?: boolean | undefined
  readonly disable_gpg_check: boolean
}
interface Current {
  readonly manager: string | null
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
        actions: [manager.remove(differing)],
      },
    ]
  const refresh = wish.update_cache ? [manager.refresh] : []
  const stale = Object.keys(diff.newest?.to ?? {}).filter((one) => !differing.includes(one))
  const update: Change<Field> = {
    title: `update ${stale.map((one) => `${one} to ${current.available?.[one]}`).join(', ')}`,
    repairs: ['newest'],
    actions: [...refresh, manager.upgrade(stale, wish)],
  }
  if (differing.length === 0) return [update]
  const install: Change<Field> = {
    title: `install ${differing.join(', ')}`,
    // What is installed now is the newest at once.
    repairs: stale.length === 0 && diff.newest ? ['installed', 'newest'] : ['installed'],
    actions: [...refresh, manager.install(differing, wish)],
  }
  return stale.length > 0 ? [install, update] : [install]
}
