import { contentOf } from '../contents.ts'
import type { System } from '../system.ts'
import type { BootOrder, Component } from '../system-model.ts'
import type { BootRecord } from './boot-records.ts'

/** The MAC address that a node boots over. */
function bootMac(component: Component): string {
  const digits = component.nid.toString(16).padStart(6, '0')
  return `02:03:00:${digits.replace(/(..)(?=.)/g, '$1:')}`
}

/** The node with this MAC address, in whatever case it is written. */
export function nodeByMac(system: System, mac: string): Component | undefined {
  return nodes(system).find((each) => bootMac(each) === mac.toLowerCase())
}

/** The node with this number. */
export function nodeByNid(system: System, nid: number): Component | undefined {
  return nodes(system).find((each) => each.nid === nid)
}

/** A node as BSS knows it from HSM. */
export function hostRecord(component: Component, system: System): Record<string, unknown> {
  const { machine } = component
  return {
    ID: component.xname,
    Type: 'Node',
    State: machine.powered() ? (machine.ready() ? 'Ready' : 'On') : 'Off',
    Flag: 'OK',
    Enabled: !system.disabled.has(component.xname),
    Role: component.role,
    ...(component.subRole ? { SubRole: component.subRole } : {}),
    NID: component.nid,
    ...(component.netType ? { NetType: component.netType } : {}),
    Arch: component.arch,
    Class: component.class,
    FQDN: '',
    MAC: [bootMac(component)],
    EndpointEnabled: true,
  }
}

/** What a node boots by BSS's word: its own record, else that of its role, else that for all. */
function recordFor(system: System, component: Component): BootRecord | undefined {
  const { records } = system.bss
  return records.get(component.xname) ?? records.get(component.role) ?? records.get('Default')
}

/** What a node is given when it gets power; undefined where BSS names no image that IMS has: it boots what it booted last. */
export function bootOrderOf(system: System, xname: string): BootOrder | undefined {
  const component = system.components.get(xname)
  const record = component && recordFor(system, component)
  const id = /^s3:\/\/boot-images\/([^/]+)\//.exec(record?.kernel ?? '')?.[1]
  const image = system.images.find((each) => each.id === id)
  return (
    image && {
      image: image.id,
      arch: image.arch,
      ...contentOf(system, image.id),
      parameters: record!.params,
    }
  )
}

function nodes(system: System): readonly Component[] {
  return [...system.components.values()]
}
