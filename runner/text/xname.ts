/** A component name of the machine, and what kind of component it names. */
export interface Xname {
  /** Trimmed, lower case, no number with leading zeros. */
  readonly xname: string
  readonly type: string
}

/** One element of an xname: `{ letters: 's', number: 19 }`. */
export interface XnameElement {
  readonly letters: string
  readonly number: number
}

interface Row {
  readonly type: string
  readonly parent: string | null
  readonly pattern: RegExp
}

/** What lies in what: for each type that holds others, their types, the letters of their last element (each letter is one spelling), and its numbers. */
const heldIn: Readonly<Record<string, readonly string[]>> = {
  CDU: ['CDUMgmtSwitch w [0-9]+'],
  Cabinet: [
    'CabinetCDU d [0-1]',
    'CabinetBMC b 0',
    'CEC e [0-1]',
    'CabinetPDUController m [0-3]',
    'Chassis c [0-7]',
  ],
  CabinetPDUController: ['CabinetPDUNic i [0-3]', 'CabinetPDU p [0-7]'],
  CabinetPDU: ['CabinetPDUOutlet j [1-9][0-9]*', 'CabinetPDUPowerConnector v [1-9][0-9]*'],
  Chassis: [
    'CMMFpga f 0',
    'CMMRectifier t [0-9]',
    'ChassisBMC b 0',
    'ComputeModule s [0-9]+',
    'RouterModule r [0-9]+',
    'MgmtSwitch w [1-9][0-9]*',
    'MgmtHLSwitchEnclosure h [1-9][0-9]*',
  ],
  ChassisBMC: ['ChassisBMCNic i [0-3]'],
  ComputeModule: ['NodePowerConnector jv [1-2]', 'NodeEnclosure e [0-9]+', 'NodeBMC b [0-9]+'],
  NodeEnclosure: ['NodeEnclosurePowerSupply t [0-9]+'],
  NodeBMC: ['NodeBMCNic i [0-3]', 'NodeFpga f 0', 'Node n [0-9]+'],
  Node: [
    'VirtualNode v [0-9]+',
    'Processor p [0-3]',
    'Memory d [0-9]+',
    'NodeAccel a [0-9]+',
    'NodeAccelRiser r [0-7]',
    'NodeNic i [0-3]',
    'NodeHsnNic h [0-3]',
    'StorageGroup g [0-9]+',
  ],
  StorageGroup: ['Drive k [0-9]+'],
  RouterModule: [
    'HSNBoard e [0-9]+',
    'RouterFpga f [01]',
    'RouterTOR t [0-9]+',
    'RouterBMC b [0-9]+',
    'RouterPowerConnector v [1-2]',
    'HSNAsic a [0-3]',
    'HSNConnector j [1-9][0-9]*',
  ],
  RouterTOR: ['RouterTORFpga f [0-1]'],
  RouterBMC: ['RouterBMCNic i [0-3]'],
  HSNAsic: ['HSNLink l [0-9]+'],
  HSNConnector: ['HSNConnectorPort p [0-2]'],
  MgmtSwitch: ['MgmtSwitchConnector j [1-9][0-9]*'],
  MgmtHLSwitchEnclosure: ['MgmtHLSwitch s [1-9]'],
}

/** Shapes (`xcsbn`) with their rows: a name has one shape, so that one look-up and one match decide. */
const rows: ReadonlyMap<string, Row> = grammar()
const longest = 100

function grammar(): Map<string, Row> {
  const table = new Map<string, Row>()
  const written = new Map<string, { readonly shape: string; readonly pattern: string }>()
  const add = (type: string, parent: string | null, shape: string, pattern: string): void => {
    table.set(shape, { type, parent, pattern: new RegExp(`^${pattern}$`) })
    written.set(type, { shape, pattern })
  }
  add('System', null, 's', 's0')
  add('SMSBox', null, 'sms', 'sms[0-9]+')
  add('Partition', null, 'p', 'p[0-9]+')
  add('Partition', null, 'p.', 'p[0-9]+\\.[0-9]+')
  add('All', null, 'all', 'all')
  add('AllSvc', null, 'all_svc', 'all_svc')
  add('AllComp', null, 'all_comp', 'all_comp')
  add('CDU', 'System', 'd', 'd[0-9]+')
  add('Cabinet', 'System', 'x', 'x[0-9]{1,4}')
  for (const [parent, held] of Object.entries(heldIn))
    for (const row of held) {
      const [type, letters, numbers] = row.split(' ') as [string, string, string]
      const above = written.get(parent)!
      for (const letter of letters)
        add(type, parent, above.shape + letter, above.pattern + letter + numbers)
    }
  return table
}

/** The normalized name and its type, or null where the text is not an xname. */
export function parseXname(text: string): Xname | null {
  const trimmed = text.trim()
  if (trimmed.length > longest) return null
  const xname = trimmed.toLowerCase().replace(/(?<![0-9])0+(?=[0-9])/g, '')
  const row = rowOf(xname)
  return row ? { xname, type: row.type } : null
}

/**
 * A regular expression of the texts that name a component of these kinds, in either case and with zeros before the numbers; null
 * stands for every kind.
 */
export function xnameForm(types: readonly string[] | null): string {
  const forms = [...rows.values()].flatMap(({ type, pattern }) =>
    types === null || types.includes(type) ? [loose(pattern.source.slice(1, -1))] : [],
  )
  return `^\\s*(?:${forms.join('|')})\\s*$`
}

/** The pattern of a row, for what is not normalized yet. */
function loose(pattern: string): string {
  // eslint-disable-next-line regexp/no-super-linear-move -- a pattern of this file
  return pattern.replace(/\[[^\]]*\](?:\{[\d,]+\}|[*+])?|[a-z]|\d/g, (part, at: number) => {
    if (/^[a-z]$/.test(part)) return `[${part}${part.toUpperCase()}]`
    // The second class of `[1-9][0-9]*` goes on with the number that the first began.
    return pattern[at - 1] === ']' ? part : `0*${part}`
  })
}

/** The xname of the component that this one lies in, or null for a system, a partition and what is not an xname. */
export function parentOf(text: string): string | null {
  const parsed = parseXname(text)
  const parent = parsed && rowOf(parsed.xname)!.parent
  if (!parent) return null
  // eslint-disable-next-line regexp/no-super-linear-move -- an xname has at most some 20 characters
  return parent === 'System' ? 's0' : parsed.xname.replace(/[a-z]+[0-9]+$/, '')
}

/** The components that this one lies in, from its cabinet down to itself: groups such as `cabinet x3000` are made of these. */
export function lineageOf(text: string): readonly Xname[] {
  const lineage: Xname[] = []
  for (let next: string | null = text; next !== null; next = parentOf(next)) {
    const parsed = parseXname(next)
    if (!parsed || parsed.type === 'System') break
    lineage.unshift(parsed)
  }
  return lineage
}

/** Letters and number of each element: cabinet, chassis, slot, controller, node. Empty where the text is not an xname. */
export function elementsOf(text: string): readonly XnameElement[] {
  const parsed = parseXname(text)
  return parsed
    ? // eslint-disable-next-line regexp/no-super-linear-move -- an xname has at most some 20 characters
      [...parsed.xname.matchAll(/([a-z]+)([0-9]+)/g)].map(([, letters, number]) => ({
        letters: letters!,
        number: Number(number),
      }))
    : []
}

/** Whether the text names a node: what a host of the inventory may be, unlike its controller or its blade. */
export function isNode(text: string): boolean {
  const type = parseXname(text)?.type
  return type === 'Node' || type === 'VirtualNode'
}

/** What kind of component a name names exactly as it is spelled, zeros before numbers included; null: it names nothing. */
export function typeAsSpelled(name: string): string | null {
  return name.length > longest ? null : (rowOf(name)?.type ?? null)
}

function rowOf(xname: string): Row | undefined {
  const row = rows.get(xname.replace(/[0-9]+/g, ''))
  return row?.pattern.test(xname) ? row : undefined
}

/** Orders names by the numbers in them (`s2` before `s10`), xnames and any other names alike; for `sort`. */
export function compareNames(a: string, b: string): number {
  let i = 0
  let j = 0
  while (i < a.length && j < b.length) {
    if (isDigit(a.charCodeAt(i)) && isDigit(b.charCodeAt(j))) {
      const [startA, endA] = digits(a, i)
      const [startB, endB] = digits(b, j)
      // Without leading zeros the longer number is the greater; of equal length, text decides. No number is too large for that.
      if (endA - startA !== endB - startB) return endA - startA - (endB - startB)
      for (let k = 0; k < endA - startA; k += 1) {
        const difference = a.charCodeAt(startA + k) - b.charCodeAt(startB + k)
        if (difference !== 0) return difference
      }
      i = endA
      j = endB
    } else {
      const difference = a.charCodeAt(i) - b.charCodeAt(j)
      if (difference !== 0) return difference
      i += 1
      j += 1
    }
  }
  const rest = a.length - i - (b.length - j)
  if (rest !== 0) return rest
  return a < b ? -1 : a > b ? 1 : 0
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** The bounds of the number that begins here, without its leading zeros (the last digit always counts). */
function digits(text: string, from: number): readonly [start: number, end: number] {
  let end = from
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1
  let start = from
  while (start < end - 1 && text.charCodeAt(start) === 48) start += 1
  return [start, end]
}
