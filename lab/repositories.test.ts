import { describe, expect, it } from 'vitest'
import { repositoryAt } from './repositories.ts'

const base = 'https://packages.local/repository'

describe("the lab's repositories", () => {
  it.each(['x86_64', 'aarch64'])(
    'hold podman and all that it requires in the two pools of a service pack (%s)',
    (arch) => {
      for (const servicePack of [3, 5, 6, 7]) {
        const offered = ['Basesystem', 'Containers'].flatMap((module) => {
          const content = repositoryAt(
            `${base}/SUSE-SLE-Module-${module}-15-SP${servicePack}-${arch}-Pool`,
          )
          expect(content).toMatchObject({ state: 'served', signature: 'trusted' })
          return content.state === 'served' ? content.packages : []
        })
        const names = new Set(offered.map((each) => each.name))
        expect(names).toContain('podman')
        for (const each of offered) {
          expect([arch, 'noarch']).toContain(each.arch)
          for (const required of each.requires ?? []) expect(names).toContain(required)
        }
      }
    },
  )

  it('are missing under a name that nobody serves, dead elsewhere, and unsigned where CSM made them', () => {
    expect(repositoryAt(`${base}/SUSE-SLE-Module-Containers-15-SP5-riscv64-Pool`).state).toBe(
      'missing',
    )
    expect(repositoryAt('https://download.example/repository/x').state).toBe('dead')
    expect(repositoryAt(`${base}/csm-noos`)).toMatchObject({ state: 'served', signature: 'none' })
  })
})
