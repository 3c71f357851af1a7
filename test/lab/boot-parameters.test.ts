import { describe, expect, it } from 'vitest'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runTasks, type Told } from '../harness/run-in-lab.ts'

// bss_bootparameters against the lab's BSS: made, changed, left alone, removed.

const site = sharedLab('boot-parameters')

function run(tasks: string, command: 'plan' | 'run' = 'run'): Promise<Told> {
  return runTasks({ ...site, tasks, command })
}
const recordOf = (name: string) => site.lab.system.bss.records.get(name)

const made = `      - ensure: nodes without a record boot this
        bss_bootparameters:
          name: Default
          kernel: s3://boot-images/b2/kernel
          initrd: s3://boot-images/b2/initrd
          params: console=ttyS0 quiet
      - ensure: the master boots another root next time
        bss_bootparameters:
          name: x3000c0s1b0n0
          parameters: { metal.server: s3://boot-images/b2/rootfs }
          without: [metal.no-wipe]
      - read: by its number
        bss_bootparameters: { nid: 100001 }
        register: master
      - read: it is shown
        print: { value: "{{ master.parameters.hostname }}" }
`

describe('boot parameters', () => {
  it('are planned, made and changed once', async () => {
    const before = recordOf('x3000c0s1b0n0')!
    expect((await run(made, 'plan')).changes).toHaveLength(2)
    expect(recordOf('x3000c0s1b0n0')).toEqual(before)
    const first = await run(made)
    expect(first).toMatchObject({ exit: 0, shown: { 'ncn-m001': ['ncn-m001'] } })
    expect(recordOf('Default')).toMatchObject({ params: 'console=ttyS0 quiet' })
    const after = recordOf('x3000c0s1b0n0')!
    expect(after).toMatchObject({ kernel: before.kernel, cloudInit: before.cloudInit })
    expect(after.params).toBe(
      before.params
        .replace(/metal\.server=\S+/, 'metal.server=s3://boot-images/b2/rootfs')
        .replace('metal.no-wipe=1 ', ''),
    )
    expect(await run(made)).toMatchObject({ exit: 0, changes: [] })
  })

  it('are not made in part, and are removed once', async () => {
    const part = await run(
      '      - ensure: a part\n        bss_bootparameters: { name: Compute, parameters: { quiet: "" } }\n',
    )
    expect(part.exit).toBe(1)
    expect(recordOf('Compute')).toBeUndefined()
    const gone =
      '      - ensure: none for all\n        bss_bootparameters: { name: Default, state: absent }\n'
    expect((await run(gone)).changes).toHaveLength(1)
    expect(recordOf('Default')).toBeUndefined()
    expect(await run(gone)).toMatchObject({ exit: 0, changes: [] })
  })
})
