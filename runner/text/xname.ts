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

const any = '[0-9]+'
const fromOne = '[1-9][0-9]*'

/** Type, the type that it lies in, letters of its last element (each letter is one spelling), and that element's numbers. */
const lastElements: readonly (readonly [
  type: string,
  parent: string,
  letters: string,
  numbers: string,
])[] = [
  ['CDUMgmtSwitch', 'CDU', 'w', any],
  ['CabinetCDU', 'Cabinet', 'd', '[0-1]'],
  ['CabinetBMC', 'Cabinet', 'b', '0'],
  ['CEC', 'Cabinet', 'e', '[0-1]'],
  ['CabinetPDUController', 'Cabinet', 'm', '[0-3]'],
  ['CabinetPDUNic', 'CabinetPDUController', 'i', '[0-3]'],
  ['CabinetPDU', 'CabinetPDUController', 'p', '[0-7]'],
  ['CabinetPDUOutlet', 'CabinetPDU', 'j', fromOne],
  ['CabinetPDUPowerConnector', 'CabinetPDU', 'v', fromOne],
  ['Chassis', 'Cabinet', 'c', '[0-7]'],
  ['CMMFpga', 'Chassis', 'f', '0'],
  ['CMMRectifier', 'Chassis', 't', '[0-9]'],
  ['ChassisBMC', 'Chassis', 'b', '0'],
  ['ChassisBMCNic', 'ChassisBMC', 'i', '[0-3]'],
  ['ComputeModule', 'Chassis', 's', any],
  ['NodePowerConnector', 'ComputeModule', 'jv', '[1-2]'],
  ['NodeEnclosure', 'ComputeModule', 'e', any],
  ['NodeEnclosurePowerSupply', 'NodeEnclosure', 't', any],
  ['NodeBMC', 'ComputeModule', 'b', any],
  ['NodeBMCNic', 'NodeBMC', 'i', '[0-3]'],
  ['NodeFpga', 'NodeBMC', 'f', '0'],
  ['Node', 'NodeBMC', 'n', any],
  ['VirtualNode', 'Node', 'v', any],
  ['Processor', 'Node', 'p', '[0-3]'],
  ['Memory', 'Node', 'd', any],
  ['NodeAccel', 'Node', 'a', any],
  ['NodeAccelRiser', 'Node', 'r', '[0-7]'],
  ['NodeNic', 'Node', 'i', '[0-3]'],
  ['NodeHsnNic', 'Node', 'h', '[0-3]'],
  ['StorageGroup', 'Node', 'g', any],
  ['Drive', 'StorageGroup', 'k', any],
  ['RouterModule', 'Chassis', 'r', any],
  ['HSNBoard', 'RouterModule', 'e', any],
  ['RouterFpga', 'RouterModule', 'f', '[01]'],
  ['RouterTOR', 'RouterModule', 't', any],
  ['RouterTORFpga', 'RouterTOR', 'f', '[0-1]'],
  ['RouterBMC', 'RouterModule', 'b', any],
  ['RouterBMCNic', 'RouterBMC', 'i', '[0-3]'],
  ['RouterPowerConnector', 'RouterModule', 'v', '[1-2]'],
  ['HSNAsic', 'RouterModule', 'a', '[0-3]'],
  ['HSNLink', 'HSNAsic', 'l', any],
  ['HSNConnector', 'RouterModule', 'j', fromOne],
  ['HSNConnectorPort', 'HSNConnector', 'p', '[0-2]'],
  ['MgmtSwitch', 'Chassis', 'w', fromOne],
  ['MgmtSwitchConnector', 'MgmtSwitch', 'j', fromOne],
  ['MgmtHLSwitchEnclosure', 'Chassis', 'h', fromOne],
  ['MgmtHLSwitch', 'MgmtHLSwitchEnclosure', 's', '[1-9]'],
]

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
  add('SMSBox', null, 'sms', `sms${any}`)
  add('Partition', null, 'p', `p${any}`)
  add('Partition', null, 'p.', `p${any}\\.${any}`)
  add('All', null, 'all', 'all')
  add('AllSvc', null, 'all_svc', 'all_svc')
  add('AllComp', null, 'all_comp', 'all_comp')
  add('CDU', 'System', 'd', `d${any}`)
  add('Cabinet', 'System', 'x', 'x[0-9]{1,4}')
  for (const [type, parent, letters, numbers] of lastElements) {
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
