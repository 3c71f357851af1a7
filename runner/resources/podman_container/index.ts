import { exec, refuse } from '../../contract/change.ts'
import { Matcher } from '../../contract/matcher.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { lastLine } from '../lines.ts'
import { unclear } from '../unclear.ts'

/** Containers of Podman run, are stopped, or are not there. */
export const podmanContainer = defineResource({
  name: 'podman_container',
  summary: 'Containers of Podman run, are stopped, or are not there.',
  source:
    "Troubleshoot Remote Build Node (podman ps, stop, rm); Ansible's containers.podman.podman_container",
  destroys: ['absent'],
  params: {
    type: 'object',
    properties: {
      name: {
        type: 'string',
        matcher: true,
        identity: true,
        description: 'Name of the container, or what names must match. Left out: all containers.',
        examples: ['ims-46a2731e', { matches: '^ims-' }],
      },
      state: {
        type: 'string',
        enum: ['absent', 'stopped', 'started'],
        default: 'absent',
        description:
          '`absent`: no container exists; `stopped`: none runs; `started`: at least one exists, and all run.',
      },
    },
  },
  state: {
    count: { type: 'integer', description: 'How many such containers there are, running or not.' },
    running: { type: 'integer', description: 'How many of them run.' },
    names: {
      type: 'array',
      items: { type: 'string', description: 'Name.' },
      information: true,
      description: 'Their names.',
    },
    ids: {
      type: 'array',
      items: { type: 'string', description: 'Id.' },
      information: true,
      description: 'Their ids, in the same order.',
    },
    has_podman: {
      type: 'boolean',
      information: true,
      description: 'Whether the host has podman; without it the host has no containers of podman.',
    },
  },
  // The first call of podman decides how it stores images, so it is never made before its time: the store may be mounted in between.
  // Not the State: that is a sentence ("Up 2 minutes ago") in most releases, and would be another one when the guard looks. What runs has a process.
  probe: () => ({
    containers: ask(
      ['podman', 'ps', '--all', '--no-trunc', '--format', '{{.ID}} {{.Pid}} {{.Names}}'],
      [0, 125, 127],
      { ahead: false, timeout: 60 },
    ),
  }),
  observe: ({ containers }, { name }) => {
    if (containers.exit === 125) {
      const isStore = containers.stderr.includes('overlay')
      return unclear(
        `podman cannot list its containers: ${lastLine(containers.stderr)}`,
        isStore
          ? 'podman was called before its store was mounted; where no container runs, `rm -rf /run/containers/storage` makes it look again'
          : 'try `podman info` on the host',
      )
    }
    const rows = containers.exit === 127 ? [] : rowsOf(containers.stdout)
    const ours = rows.filter(
      ({ called }) =>
        name === undefined || (name instanceof Matcher ? name.accepts(called) : called === name),
    )
    return {
      count: ours.length,
      running: ours.filter(({ pid }) => pid !== '0').length,
      names: ours.map(({ called }) => called),
      ids: ours.map(({ id }) => id),
      has_podman: containers.exit !== 127,
    }
  },
  desire: ({ state }, { count }) => {
    if (state === 'absent') return { count: 0, running: 0 }
    return state === 'stopped'
      ? { running: 0 }
      : { count: Math.max(count ?? 0, 1), running: Math.max(count ?? 0, 1) }
  },
  change: (diff, { name, state }, { names, ids, count }) => {
    const repairs = (['count', 'running'] as const).filter((field) => diff[field])
    const all = names!.join(', ')
    if (state === 'started' && count === 0)
      return [
        {
          title: 'start the container',
          repairs,
          actions: [
            refuse(
              typeof name === 'string'
                ? `the container ${name} does not exist`
                : 'no container of that name exists',
              'make it with `run:` and `command: podman run …`',
            ),
          ],
        },
      ]
    if (state === 'started')
      return [
        {
          title: `start ${all}`,
          repairs,
          actions: [exec(['podman', 'start', ...ids!], { timeout: 300 })],
        },
      ]
    const actions =
      state === 'stopped'
        ? [exec(['podman', 'stop', ...ids!], { timeout: 300 })]
        : [exec(['podman', 'rm', '--force', ...ids!], { timeout: 300 })]
    return [
      {
        title: `${state === 'stopped' ? 'stop' : 'remove'} ${all}`,
        repairs,
        effect: state === 'stopped' ? 'replaces' : 'destroys',
        guard: ['containers'],
        actions,
      },
    ]
  },
})

function rowsOf(
  stdout: string,
): readonly { readonly id: string; readonly pid: string; readonly called: string }[] {
  return stdout
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, id, pid, called] =
        /^(\S+) (\d+) (\S+)$/.exec(line.trim()) ??
        unclear(
          `podman ps says "${line.trim()}", which is not an id, a process and a name`,
          "look at it with `podman ps --all --format '{{.ID}} {{.Pid}} {{.Names}}'`",
        )
      return { id: id!, pid: pid!, called: called! }
    })
}
