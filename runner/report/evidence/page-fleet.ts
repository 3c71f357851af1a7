import type { Evidence } from './evidence.ts'
import type { HostResult } from './host-results.ts'
import { classes } from './look-of-page.ts'
import { markup, type Markup } from './markup.ts'

const filters = [
  ['', 'all'],
  ['bad', 'failed'],
  ['changed', 'changed'],
  ['slow', 'slowest'],
] as const

/** The map of the fleet: cabinets with their chassis, slots and nodes, other hosts by group. */
export function fleetSection({ fleet, hosts, causes }: Evidence): Markup {
  const slow = slowestOf(hosts)
  const cells = (found: readonly HostResult[]): readonly Markup[] =>
    found.map(
      ({ name, status }) =>
        markup`<i class="${classes[status]}${slow.has(name) ? ' z' : ''}" title="${name}: ${status}"></i>`,
    )
  const cabinets = fleet.cabinets.map(
    ({ name, chassis }) =>
      markup`<section><h3>${name}</h3>${chassis.map(
        (row) =>
          markup`<div class="row"><small>${row.name}</small>${row.slots.map(
            (slot) => markup`<span class="slot">${cells(slot.hosts)}</span>`,
          )}</div>`,
      )}</section>`,
  )
  const groups = fleet.groups.map(
    ({ name, hosts: found }) =>
      markup`<section><h3>${name}</h3><span class="slot">${cells(found)}</span></section>`,
  )
  const seen = [...new Set(hosts.map(({ status }) => status))]
  const buttons = filters.map(
    ([value, words], at) =>
      markup`<button data-filter="${value}" aria-pressed="${String(at === 0)}">${words}</button> `,
  )
  const example = causes[0]?.hosts[0] ?? hosts[0]?.name ?? ''
  return markup`<h2>Fleet</h2><p class="scripted" hidden>${buttons}<label>host <input id="find" type="search" placeholder="${example}"></label></p>
<div class="map">${cabinets}${groups}</div>
<p class="key">${seen.map((status) => markup`<span><i class="${classes[status]}"></i>${status}</span>`)}</p>
<section id="host" hidden></section>`
}

/** One host in twenty. */
function slowestOf(hosts: readonly HostResult[]): ReadonlySet<string> {
  const sorted = [...hosts].sort((a, b) => b.seconds - a.seconds)
  return new Set(sorted.slice(0, Math.ceil(hosts.length / 20)).map(({ name }) => name))
}
