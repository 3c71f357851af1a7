import { isMap, type Value } from '../../contract/value.ts'
import { parseXname } from '../../text/xname.ts'
import type { CsmFilter, CsmQuestion } from './source.ts'

/** A node as HSM and SLS know it. What they leave out is left out. */
export interface CsmNode {
  readonly xname: string
  readonly nid?: number
  readonly role?: string
  readonly subrole?: string
  readonly arch?: string
  readonly class?: string
  readonly state?: string
  readonly enabled?: boolean
  readonly aliases: readonly string[]
}
/** What an inventory takes of the services' answers: the text that is cached, and that a saved plan holds. */
export interface CsmAnswer {
  readonly nodes: readonly CsmNode[]
  readonly groups: Readonly<Record<string, readonly string[]>>
  readonly partitions: Readonly<Record<string, readonly string[]>>
}
/** The services' bodies: HSM's components, groups and partitions, and SLS's hardware where it was asked. */
export interface CsmBodies {
  readonly components: Value | undefined
  readonly groups: Value | undefined
  readonly partitions: Value | undefined
  readonly hardware: Value | undefined
}

/** The fields of a component that nodes are chosen by, which HSM also chooses by. */
const fields = {
  role: 'Role',
  subrole: 'SubRole',
  arch: 'Arch',
  class: 'Class',
  state: 'State',
  enabled: 'Enabled',
} as const

/** The path of HSM's list of the nodes that are wanted. HSM has no pages. */
export function componentsPath({ only }: CsmQuestion): string {
  const query = new URLSearchParams({ type: 'Node' })
  for (const key of Object.keys(fields) as (keyof typeof fields)[])
    for (const value of only[key] ?? []) query.append(key, value)
  return `/State/Components?${query.toString()}`
}

/** What the services said, in short; or in words why they are not an answer. */
export function condense(question: CsmQuestion, bodies: CsmBodies): CsmAnswer | string {
  const components = isMap(bodies.components) ? bodies.components['Components'] : undefined
  if (!Array.isArray(components)) return 'HSM answered no list of components'
  if (!Array.isArray(bodies.groups)) return 'HSM answered no list of groups'
  if (!Array.isArray(bodies.partitions)) return 'HSM answered no list of partitions'
  const groups = membersBy(bodies.groups as readonly Value[], 'label')
  const partitions = membersBy(bodies.partitions as readonly Value[], 'name')
  const hardware = new Map(
    (Array.isArray(bodies.hardware) ? (bodies.hardware as readonly Value[]) : []).flatMap((each) =>
      isMap(each) && typeof each['Xname'] === 'string'
        ? [[xnameOf(each['Xname']), each] as const]
        : [],
    ),
  )
  const within = [held(groups, question.only.group), held(partitions, question.only.partition)]
  const nodes: CsmNode[] = []
  for (const component of components as readonly Value[]) {
    if (!isMap(component) || typeof component['ID'] !== 'string')
      return 'HSM answered a component without an ID'
    const xname = xnameOf(component['ID'])
    if (!within.every((holds) => holds(xname)) || !passes(component, question)) continue
    nodes.push(nodeOf(xname, component, hardware.get(xname)))
  }
  return { nodes, groups, partitions }
}

function nodeOf(
  xname: string,
  component: { readonly [key: string]: Value },
  hardware: { readonly [key: string]: Value } | undefined,
): CsmNode {
  const extra = isMap(hardware?.['ExtraProperties']) ? hardware['ExtraProperties'] : {}
  const text = (value: Value | undefined, other?: Value): string | undefined =>
    [value, other].find((each): each is string => typeof each === 'string' && each !== '')
  const nid = [component['NID'], extra['NID']].find(
    (each): each is number => typeof each === 'number' && Number.isInteger(each) && each > 0,
  )
  const node: Record<string, Value | undefined> = {
    xname,
    nid,
    role: text(component['Role'], extra['Role']),
    subrole: text(component['SubRole'], extra['SubRole']),
    arch: text(component['Arch']),
    class: text(component['Class'], hardware?.['Class']),
    state: text(component['State']),
    enabled: typeof component['Enabled'] === 'boolean' ? component['Enabled'] : undefined,
  }
  const aliases = Array.isArray(extra['Aliases'])
    ? (extra['Aliases'] as readonly Value[]).filter(
        (each): each is string => typeof each === 'string',
      )
    : []
  const known = Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined))
  return {
    ...(known as unknown as Omit<CsmNode, 'aliases'>),
    aliases:
      nid === undefined
        ? aliases
        : [...new Set([...aliases, `nid${String(nid).padStart(6, '0')}`])],
  }
}

function membersBy(
  list: readonly Value[],
  key: 'label' | 'name',
): Record<string, readonly string[]> {
  const members: Record<string, readonly string[]> = Object.create(null)
  for (const each of list) {
    const name = isMap(each) ? each[key] : undefined
    if (typeof name !== 'string') continue
    const held = isMap(each) && isMap(each['members']) ? each['members']['ids'] : null
    members[name] = Array.isArray(held)
      ? (held as readonly Value[]).filter((id): id is string => typeof id === 'string').map(xnameOf)
      : []
  }
  return members
}

/** Whether a node is in what was chosen by name; everything is where nothing was. */
function held(
  members: Readonly<Record<string, readonly string[]>>,
  chosen: readonly string[] | undefined,
): (xname: string) => boolean {
  if (!chosen) return () => true
  const of = (names: readonly string[]): ReadonlySet<string> =>
    new Set(names.flatMap((name) => members[name] ?? []))
  const [wanted, refused] = [
    chosen.filter((name) => !name.startsWith('!')),
    chosen.filter((name) => name.startsWith('!')),
  ]
  const [inside, outside] = [of(wanted), of(refused.map((name) => name.slice(1)))]
  return (xname) => !outside.has(xname) && (wanted.length === 0 || inside.has(xname))
}

/** Compared once more here: a service that does not know a filter answers everything. */
function passes(component: { readonly [key: string]: Value }, { only }: CsmQuestion): boolean {
  return (Object.keys(fields) as (keyof typeof fields & CsmFilter)[]).every((key) => {
    const chosen = only[key]?.map((value) => value.toLowerCase())
    if (!chosen) return true
    const is = String(component[fields[key]] ?? '').toLowerCase()
    const wanted = chosen.filter((value) => !value.startsWith('!'))
    return !chosen.includes(`!${is}`) && (wanted.length === 0 || wanted.includes(is))
  })
}

function xnameOf(text: string): string {
  return parseXname(text)?.xname ?? text
}
