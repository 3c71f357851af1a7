import { describe, expect, it } from 'vitest'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runTasks, type Told } from '../harness/run-in-lab.ts'

// fas_action against the lab's FAS: the dry run first, then the update, each once.

const site = sharedLab('firmware')

const bmc = 'x3000c0s19b1'
function tasks(name: string, ...states: readonly ('checked' | 'updated')[]): string {
  return states
    .map(
      (state) => `      - ensure: firmware is ${state}
        fas_action: { name: ${name}, xnames: ${bmc}, targets: iLO 5, time_limit: 20m, state: ${state} }
        register: action
      - read: what was found
        print: { value: "{{ json action.succeeded }}" }
`,
    )
    .join('')
}
function run(tasks: string, command: 'plan' | 'run' = 'run'): Promise<Told> {
  return runTasks({ ...site, tasks, command })
}
const version = () => site.lab.system.fas.versions.get(`${bmc} 1`)

describe('firmware', () => {
  it('is planned without an action, checked, and updated once', async () => {
    const both = tasks('ilo', 'checked', 'updated')
    expect(await run(both, 'plan')).toMatchObject({
      exit: 2,
      changes: ['firmware is checked', 'firmware is updated'],
    })
    expect(site.lab.system.fas.actions.size).toBe(0)
    expect(await run(tasks('ilo', 'checked'))).toMatchObject({
      exit: 0,
      shown: { 'ncn-m001': [`["${bmc} iLO 5: dry run completed: Updated Image: 2.78.0"]`] },
    })
    expect(version()).toBeUndefined()
    expect((await run(both)).changes).toEqual(['firmware is updated'])
    expect(version()).toBe('2.78.0')
    expect(site.lab.system.fas.actions.size).toBe(2)
    expect(await run(both)).toMatchObject({ exit: 0, changes: [] })
    expect((await run(tasks('later', 'checked', 'updated'))).changes).toEqual([
      'firmware is checked',
    ])
    expect(site.lab.system.fas.actions.size).toBe(3)
  })

  it('is not updated without a dry run, nor where the name is taken', async () => {
    const none = await run(tasks('unchecked', 'updated'))
    expect(none.exit).toBe(1)
    expect(none.errors.join()).toContain('no dry run of the name unchecked')
    const taken = await run(
      '      - ensure: other\n        fas_action: { name: ilo, device_types: NodeBMC }\n',
    )
    expect(taken.exit).toBe(1)
    expect(taken.errors.join()).toContain('with another `xnames`')
  })

  it('that fails on a device fails the task, which begins no second action', async () => {
    site.lab.system.fas.versions.clear()
    await site.lab.fault({ on: 'service', fault: { kind: 'fas-operation', times: 1 } })
    const failed = await run(tasks('fails', 'checked', 'updated'))
    expect(failed.exit).toBe(1)
    expect(failed.errors.join()).toContain('unexpected change detected in firmware version')
    const actions = site.lab.system.fas.actions.size
    expect((await run(tasks('fails', 'checked', 'updated'))).exit).toBe(1)
    expect(site.lab.system.fas.actions.size).toBe(actions)
  })

  it('is found again after a run that was interrupted behind its request', async () => {
    site.lab.system.fas.versions.clear()
    expect((await run(tasks('again', 'checked'))).exit).toBe(0)
    const stop = new AbortController()
    const before = site.lab.system.fas.actions.size
    await runTasks({
      ...site,
      tasks: tasks('again', 'updated'),
      stop: stop.signal,
      hear: () => site.lab.system.fas.actions.size > before && stop.abort(),
    })
    expect((await run(tasks('again', 'updated'))).exit).toBe(0)
    expect(site.lab.system.fas.actions.size).toBe(before + 1)
    expect(version()).toBe('2.78.0')
  })
})
