import { contentOf } from '../contents.ts'
import { componentRecord } from '../hsm/hsm-components.ts'
import { listedAt } from '../hsm/listed.ts'
import type { System } from '../system.ts'
import type { BootOrder, Component } from '../system-model.ts'
import type { BootRecord } from './boot-records.ts'

/** The MAC address that a node boots over. */
function bootMac(nid: number): string {
  const digits = nid.toString(16).padStart(6, '0')
  return `02:03:00:${digits.replace(/(..)(?=.)/g, '$1:')}`
}

/** The node with this MAC address, in whatever case it is written. */
export function nodeByMac(system: System, mac: string): Component | undefined {
  return nodes(system).find((each) => bootMac(each.nid) === mac.toLowerCase())
}

/** The node with this number. */
export function nodeByNid(system: System, nid: number): Component | undefined {
  return nodes(system).find((each) => each.nid === nid)
}

/** A node as BSS knows it from HSM. */
export function hostRecord({ xname, nid }: Component, system: System): Record<string, unknown> {
  return {
    ...componentRecord(listedAt(system, xname)!, system),
    FQDN: '',
    MAC: [bootMac(nid)],
    EndpointEnabled: true,
  }
}

/** What a node boots by BSS's word: its own record, else that of the role that HSM gives it, else that for all. */
function recordFor(system: System, xname: string): BootRecord | undefined {
  const { records } = system.bss
  const role = listedAt(system, xname)?.role ?? ''
  return records.get(xname) ?? records.get(role) ?? records.get('Default')
}

/** What a node is given when it gets power; undefined where BSS names no image that IMS has: it boots what it booted last. */
export function bootOrderOf(system: System, xname: string): BootOrder | undefined {
  const record = system.components.has(xname) ? recordFor(system, xname) : undefined
  const id = bootImageIn(record?.kernel ?? '')
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

/** Id of the image that the path of a kernel or an initrd belongs to; undefined where it does not lie among the boot images. */
export function bootImageIn(path: string): string | undefined {
  return /^s3:\/\/boot-images\/([^/]+)\//.exec(path)?.[1]
}

function nodes(system: System): readonly Component[] {
  return [...system.components.values()]
}
