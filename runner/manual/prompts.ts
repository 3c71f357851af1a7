import type { Play, Task, Tree } from '../model/playbook.ts'
import type { Probe } from '../contract/probe.ts'

/** The prompts of CSM's manual, by how the host or the group is called that a step acts on. Any other host is a compute node. */
const prompts: readonly (readonly [RegExp, string])[] = [
  [/^localhost$/, '#'],
  [/^ncn-m\d|(?:^|_)masters?$/, 'ncn-m#'],
  [/^ncn-w\d|(?:^|_)workers?$/, 'ncn-w#'],
  [/^ncn-s\d|(?:^|_)storage$/, 'ncn-s#'],
  [/^management|^ncns?\b/, 'ncn-mw#'],
  [/(?:^|_)uans?(?:_|\d|$)/, 'uan#'],
]

/** The role in which a step is done, as CSM's manual shows it: `ncn-mw#` on a management node, `cn#` on a compute node. */
export function workplaceOf(
  play: Play,
  { delegateTo }: Pick<Task, 'delegateTo'>,
  host?: string,
): string {
  if (delegateTo?.kind === 'computed') return `${delegateTo.computed.text}#`
  const name = delegateTo?.kind === 'constant' ? String(delegateTo.value) : null
  const words = (name ?? [host, play.hosts].filter((each) => each !== undefined).join(' '))
    .toLowerCase()
    .split(/[\s,@]+/)
  return prompts.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1] ?? 'cn#'
}

/** The service that a step asks and changes instead of a host, as far as its type tells before anything is known; else null. */
export function serviceOf(task: Task): string | null {
  if (!task.type || !task.params) return null
  const params: Record<string, unknown> = { ...task.params.defaults }
  for (const [name, tree] of Object.entries(task.params.fields))
    params[name] = shownParam(task, name, tree)
  try {
    const probes = Object.values(task.type.probe(params, {})).filter((probe) => probe !== undefined)
    const services = probes.map((probe: Probe) =>
      probe.read === 'http' ? (probe.service ?? '') : null,
    )
    return services.length > 0 && services.every((service) => service !== null)
      ? services[0]!
      : null
  } catch {
    // It needs a value that only a run has: then nothing is said of a service.
    return null
  }
}

/** A param as its type would see it: what is computed stands for itself. */
function shownParam(task: Task, name: string, tree: Tree): unknown {
  if (tree.kind === 'computed') return tree.computed.text
  try {
    const value = plain(tree)
    return value === undefined ? undefined : task.params!.accept(name, value as never, tree.at)
  } catch {
    return undefined
  }
}

function plain(tree: Tree): unknown {
  if (tree.kind === 'constant') return tree.value
  if (tree.kind === 'computed') return tree.computed.text
  if (tree.kind === 'list') return tree.items.map(plain)
  return Object.fromEntries(Object.entries(tree.entries).map(([name, each]) => [name, plain(each)]))
}
