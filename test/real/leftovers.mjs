// What a run could leave on a machine, counted before and after. Others work on the machine too: processes and namespaces are
// therefore those that were seen to descend from the run.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** Mounts, network devices and loop devices with a file behind them. */
export function baseline() {
  const mounts = read('/proc/self/mountinfo')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split(' ').slice(2, 5).join(' '))
  const loops = names('/sys/block')
    .filter((name) => name.startsWith('loop'))
    .flatMap((name) => {
      const file = read(`/sys/block/${name}/loop/backing_file`).trim()
      return file === '' ? [] : [`${name} (${file})`]
    })
  return { mounts: new Set(mounts), links: new Set(names('/sys/class/net')), loops: new Set(loops) }
}

/** Notes every process that descends from those it is told of, and the namespaces that these are in. */
export function watchDescendants() {
  const own = new Set(namespacesOf('self'))
  const roots = new Set()
  const processes = new Map()
  const namespaces = new Set()
  const look = () => {
    const parents = new Map(
      names('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map((pid) => [Number(pid), statOf(pid)]),
    )
    for (const [pid, stat] of parents) {
      if (!stat || !descends(pid, parents)) continue
      if (processes.get(pid) === stat.started) continue
      processes.set(pid, stat.started)
      for (const namespace of namespacesOf(pid)) if (!own.has(namespace)) namespaces.add(namespace)
    }
  }
  const descends = (pid, parents) => {
    for (
      let at = pid, steps = 0;
      at > 1 && steps < 64;
      at = parents.get(at)?.parent ?? 0, steps += 1
    )
      if (roots.has(at)) return true
    return false
  }
  const timer = setInterval(look, 500)
  return { processes, namespaces, from: (pid) => roots.add(pid), stop: () => clearInterval(timer) }
}

/** What is there now that was not before, after the kernel had a moment to clear up. */
export async function leftovers(before, seen) {
  let left = []
  for (let attempt = 0; attempt < 20; attempt += 1) {
    left = look(before, seen)
    if (left.length === 0) break
    await new Promise((resolve) => setTimeout(resolve, 250))
  }
  return left
}

function look(before, seen) {
  const now = baseline()
  const added = (kind, name) =>
    [...now[kind]].filter((each) => !before[kind].has(each)).map((each) => `${name} ${each}`)
  const alive = [...seen.processes].filter(([pid, started]) => {
    const stat = statOf(pid)
    return stat && stat.started === started
  })
  const used = new Set(
    names('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap(namespacesOf),
  )
  return [
    ...added('mounts', 'mount'),
    ...added('links', 'link'),
    ...added('loops', 'loop device'),
    ...alive.map(
      ([pid]) =>
        `process ${pid} ${read(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').slice(0, 100)}`,
    ),
    ...[...seen.namespaces].filter((each) => used.has(each)).map((each) => `namespace ${each}`),
  ]
}

function namespacesOf(pid) {
  return ['mnt', 'net', 'pid', 'uts', 'ipc'].flatMap((kind) => {
    try {
      return [readlinkSync(`/proc/${pid}/ns/${kind}`)]
    } catch {
      return []
    }
  })
}

function statOf(pid) {
  const text = read(`/proc/${pid}/stat`)
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  return text === '' || fields[0] === 'Z'
    ? null
    : { parent: Number(fields[1]), started: fields[19] }
}

function names(folder) {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
