import { describe, expect, it } from 'vitest'
import { labNodes } from '../../lab/inhabitants.ts'
import { sharedLab } from '../../lab/shared-lab.fixture.ts'
import { runTasks, type Told } from '../harness/run-in-lab.ts'

// The types of HSM, SLS and PCS in a rehearsal lab, from the command line on.

const node = 'x3000c0s19b1n0'
const slot = 'x1000c3s0'
const blade = [`${slot}b0n0`, `${slot}b1n0`].map((name) => ({ ...labNodes[1]!, name }))
const site = sharedLab('hardware-types', { nodes: [...labNodes, ...blade] })

function told(command: 'plan' | 'run', tasks: string): Promise<Told> {
  return runTasks({ ...site, hosts: node, tasks, command })
}
/** Runs tasks twice: the first run changes what it should, the second nothing. */
async function settled(tasks: string, changes: readonly string[]): Promise<void> {
  const first = await told('run', tasks)
  expect(first.errors).toEqual([])
  expect(first).toMatchObject({ exit: 0, changes })
  expect(await told('run', tasks)).toMatchObject({ exit: 0, changes: [], errors: [] })
}

describe('hsm_component', () => {
  it('enables and disables, gives a role, and changes nothing the second time', async () => {
    await settled(
      `      - ensure: the node is left alone
        hsm_component: { xname: ${node}, enabled: false }
      - ensure: it is an application node
        hsm_component: { xname: ${node}, role: Application, subrole: UAN }
      - ensure: its controller is left alone too
        hsm_component: { xname: x3000c0s19b1, enabled: false }
      - require: it is so
        hsm_component: { xname: ${node}, state: Ready, enabled: false, subrole: UAN }
`,
      ['the node is left alone', 'it is an application node', 'its controller is left alone too'],
    )
    await settled(
      `      - ensure: the node is used
        hsm_component: { xname: ${node}, enabled: true }
      - ensure: it computes, and keeps its subrole
        hsm_component: { xname: ${node}, role: Compute }
`,
      ['the node is used', 'it computes, and keeps its subrole'],
    )
    expect(site.lab.system.roles.get(node)).toEqual({ role: 'Compute', subRole: 'UAN' })
    site.lab.system.roles.delete(node)
  })

  it('claims no state, and refuses what HSM does not know', async () => {
    const claimed = await told(
      'run',
      `      - ensure: booted\n        hsm_component: { xname: ${node}, state: Ready }\n`,
    )
    expect(claimed.exit).toBe(3)
    expect(claimed.errors.join()).toContain('hsm_component.state is compared, and never made true')
    const unknown = await told(
      'run',
      `      - ensure: enabled\n        hsm_component: { xname: x1c0s0b0n0, enabled: true }\n`,
    )
    expect(unknown.exit).toBe(1)
    expect(unknown.errors.join()).toContain('HSM knows no component x1c0s0b0n0')
    const cook = await told(
      'run',
      `      - ensure: a cook\n        hsm_component: { xname: ${node}, role: Cook }\n`,
    )
    expect(cook.exit).toBe(1)
    expect(cook.errors.join()).toContain('did not match any valid input')
  })
})

const controller = 'x3000c0s19b2'
const carried = 'x3000c0s19b2n0'

describe('hsm_endpoint, hsm_discovery and hsm_ethernet_interface', () => {
  it('take a node out of HSM and find it again', async () => {
    const cards = [...site.lab.system.inventory.interfaces.values()].filter(
      (each) => each.ComponentID === carried,
    )
    expect(cards).toHaveLength(1)
    await settled(
      `      - ensure: HSM leaves the controller alone
        hsm_endpoint: { xname: ${controller}, enabled: false }
      - require: the node is gone
        hsm_component: { xname: ${carried}, state: Empty }
      - ensure: its cards are gone
        hsm_ethernet_interface: { component: ${carried}, state: absent }
`,
      ['HSM leaves the controller alone', 'its cards are gone'],
    )
    const forgotten = `      - ensure: HSM knows the controller no more
        hsm_endpoint: { xname: ${controller}, state: absent }
`
    const planned = await told('plan', forgotten)
    expect(planned).toMatchObject({ exit: 2, changes: ['HSM knows the controller no more'] })
    await settled(forgotten, ['HSM knows the controller no more'])
    const undiscovered = await told(
      'run',
      `      - ensure: discovered\n        hsm_discovery: { xname: ${controller} }\n`,
    )
    expect(undiscovered.errors.join()).toContain(`HSM knows no controller ${controller}`)
    await settled(
      `      - ensure: HSM knows the controller
        hsm_endpoint: { xname: ${controller}, user: root }
      - ensure: HSM has found the node
        hsm_discovery: { xname: ${controller}, finds: ${carried} }
        for: 30s
        every: 1s
      - require: the node is there
        hsm_component: { xname: ${carried}, state: Ready }
      - wait: the controller is discovered
        hsm_endpoint: { xname: ${controller}, discovery: DiscoverOK }
        for: 10s
      - ensure: its card has its address
        hsm_ethernet_interface: { mac: "${cards[0]!.MACAddress}", component: ${carried}, ip_addresses: 10.252.2.9 }
`,
      ['HSM knows the controller', 'HSM has found the node', 'its card has its address'],
    )
  })
})

describe('sls_hardware', () => {
  it('enters, writes and removes, and keeps what the task does not name', async () => {
    await settled(
      `      - ensure: SLS knows the new node
        sls_hardware: { xname: x3000c0s20b0n0, class: River, properties: { NID: 9, Role: Compute } }
      - ensure: SLS knows its controller
        sls_hardware: { xname: x3000c0s20b0, class: River }
`,
      ['SLS knows the new node', 'SLS knows its controller'],
    )
    await settled(
      `      - ensure: it has an alias too
        sls_hardware: { xname: x3000c0s20b0n0, properties: { Aliases: [nid000009] } }
`,
      ['it has an alias too'],
    )
    const entry = site.lab.system.layout.hardware.find((each) => each.Xname === 'x3000c0s20b0n0')
    expect(entry?.ExtraProperties).toEqual({ NID: 9, Role: 'Compute', Aliases: ['nid000009'] })
    const refused = await told(
      'run',
      '      - ensure: gone\n        sls_hardware: { xname: x3000c0s20b0, state: absent }\n',
    )
    expect(refused.exit).toBe(1)
    expect(refused.errors.join()).toContain('what lies below x3000c0s20b0 with it: x3000c0s20b0n0')
    await settled(
      `      - ensure: all of it is gone
        sls_hardware: { xname: x3000c0s20b0, state: absent, recurse: true }
      - ensure: the node is gone with it
        sls_hardware: { xname: x3000c0s20b0n0, state: absent }
`,
      ['all of it is gone'],
    )
  })
})

describe('power of slots', () => {
  const switched = (state: string, more = '') =>
    `      - ensure: the slot is ${state}
        power: { xname: ${slot}, state: '${state}'${more} }
        for: 60s
        every: 1s
`

  it('goes with what they feed, in both directions', async () => {
    const alone = await told('plan', switched('off'))
    expect(alone.exit).toBe(1)
    expect(alone.errors.join()).toContain(`${slot} feeds what has power: ${blade[0]!.name}`)
    await settled(switched('off', ', children: true'), ['the slot is off'])
    expect(blade.map(({ name }) => site.lab.nodes.get(name)!.power)).toEqual(['off', 'off'])
    await settled(
      switched('on', ', children: true') +
        `      - require: its controller is on
        power: { xname: ${slot}b0, state: 'on' }
`,
      ['the slot is on'],
    )
    expect(blade.map(({ name }) => site.lab.nodes.get(name)!.power)).toEqual(['on', 'on'])
  })

  it('is not taken from a locked node', async () => {
    const locked = `      - ensure: locked
        hsm_lock: { xname: ${blade[0]!.name} }
`
    expect((await told('run', locked)).exit).toBe(0)
    const forced = await told('run', switched('off', ', force: true'))
    expect(forced.exit).toBe(1)
    expect(forced.errors.join()).toContain(`${slot} feeds what is locked in HSM: ${blade[0]!.name}`)
    const opened = locked.replace(' }', ', state: unlocked }')
    expect((await told('run', opened)).exit).toBe(0)
  })
})

describe('bos_session and cfs_component', () => {
  const name = blade[0]!.name
  const template = `      - ensure: the template
        bos_session_template:
          name: blades
          boot_sets:
            compute:
              path: s3://boot-images/f6d9cfc7-9291-4c46-8350-c252b919d396/manifest.json
              arch: X86
              type: s3
              node_roles_groups: [Compute]
`

  it('shuts nodes down, once, and stages what they do next', async () => {
    await settled(
      `${template}      - ensure: the node is off
        bos_session: { name: out, template_name: blades, limit: ${name}, operation: shutdown }
        for: 60s
        every: 1s
      - ensure: its next boot is staged
        bos_session: { name: next, template_name: blades, limit: ${name}, operation: boot, stage: true }
        for: 60s
        every: 1s
`,
      ['the template', 'the node is off', 'its next boot is staged'],
    )
    expect(site.lab.nodes.get(name)!.power).toBe('off')
    expect(site.lab.system.bos.components.get(name)!.staged?.session).toBe('next')
    await site.lab.nodes.get(name)!.powerOn()
  })

  it('leaves out what is disabled unless it is asked for', async () => {
    const disabled = (is: boolean) =>
      `      - ensure: enabled ${is}\n        hsm_component: { xname: ${name}, enabled: ${is} }\n`
    const down = (more: string) =>
      `      - ensure: off\n        bos_session: { name: disabled, template_name: blades, limit: ${name}, operation: shutdown${more} }\n        for: 60s\n        every: 1s\n`
    const refused = await told('run', disabled(false) + down(''))
    expect(refused.exit).toBe(1)
    expect(refused.errors.join()).toContain(`${name} is disabled in HSM, and BOS leaves it out`)
    await settled(down(', include_disabled: true'), ['off'])
    await site.lab.nodes.get(name)!.powerOn()
    expect((await told('run', disabled(true))).exit).toBe(0)
  })

  it('gives a node a configuration, and waits until CFS is done', async () => {
    await settled(
      `      - ensure: the configuration
        cfs_configuration:
          name: blades
          layers:
            - clone_url: https://api-gw-service-nmn.local/vcs/cray/csm-config-management.git
              branch: main
              playbook: site.yml
      - ensure: the node is to have it
        cfs_component: { xname: ${node}, configuration: blades, enabled: true }
      - wait: the node has it
        cfs_component: { xname: ${node}, status: configured }
        failed_when: status == "failed"
        for: 60s
        every: 1s
`,
      ['the configuration', 'the node is to have it'],
    )
    const unknown = await told(
      'run',
      `      - ensure: another\n        cfs_component: { xname: ${node}, configuration: nowhere }\n`,
    )
    expect(unknown.errors.join()).toContain('CFS has no configuration nowhere')
  })
})
