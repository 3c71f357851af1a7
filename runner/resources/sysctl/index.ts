import { exec } from '../../contract/change.ts'
import { text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { writeContent } from '../content.ts'
import { invalid } from '../unclear.ts'

/** A kernel parameter has this value, now and after a boot. */
export const sysctl = defineResource({
  name: 'sysctl',
  summary: 'A kernel parameter has this value, now and after a boot.',
  source: "Ansible's ansible.posix.sysctl",
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_-]+([./][A-Za-z0-9_-]+)+$',
        description: 'Name of the parameter.',
        examples: ['net.ipv4.ip_forward'],
      },
      value: {
        type: 'string',
        minLength: 1,
        pattern: '^[^\\n]*$',
        description: 'Its value, as text.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description:
          '`absent`: its line is gone from the file; the running kernel keeps its value.',
      },
      sysctl_file: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        default: '/etc/sysctl.conf',
        description: 'The file that it is written to.',
      },
      sysctl_set: {
        type: 'boolean',
        default: true,
        description: 'Set it in the running kernel too.',
      },
    },
  },
  state: {
    value: {
      type: 'string',
      description: 'Its value in the running kernel; null where the kernel does not know it.',
    },
    configured: { type: 'string', description: 'Its value in the file; null where there is none.' },
    text: { type: 'string', information: true, description: 'The whole file.' },
  },
  probe: ({ name, sysctl_file }) => ({
    live: text(`/proc/sys/${name.replaceAll('.', '/')}`),
    file: text(sysctl_file),
  }),
  observe: ({ live, file }, { name }) => ({
    value: live.exists ? blanked(live.text) : null,
    configured: file.exists ? (settings(file.text, name).at(-1) ?? null) : null,
    text: file.exists ? file.text : null,
  }),
  desire: ({ state, value, sysctl_set }) => {
    if (state === 'absent') return { configured: null }
    if (value === undefined)
      return invalid('the task gives no value', 'add `value:`, as text in quotes')
    return { value: sysctl_set ? blanked(value) : undefined, configured: blanked(value) }
  },
  change: (diff, { name, value, state, sysctl_file }, current) => {
    const wanted = state === 'absent' ? null : blanked(value!)
    const written = diff.configured
      ? writeContent(sysctl_file, edited(current.text ?? '', name, wanted), ['configured'], {
          kind: current.text === null ? null : 'file',
          guard: 'file',
          attributes: {},
        })
      : []
    return [
      ...(diff.value
        ? [
            {
              title: `set ${name} to ${wanted}`,
              repairs: ['value'] as const,
              actions: [exec(['sysctl', '-w', `${name}=${wanted}`])],
            },
          ]
        : []),
      ...written,
    ]
  },
})

function lineOf(line: string): { readonly name: string; readonly value: string } | null {
  const found = /^\s*-?\s*([^#;=\s][^=\s]*)\s*=\s*(.*)$/.exec(line)
  return found && { name: found[1]!.replaceAll('/', '.'), value: blanked(found[2]!) }
}

function settings(file: string, name: string): readonly string[] {
  return file.split('\n').flatMap((line) => {
    const found = lineOf(line)
    return found?.name === name.replaceAll('/', '.') ? [found.value] : []
  })
}

/** The file with one line for the parameter, in the place of the last that it had; or with none. */
function edited(file: string, name: string, value: string | null): string {
  const lines = file === '' ? [] : file.replace(/\n$/, '').split('\n')
  const isOurs = (line: string): boolean => lineOf(line)?.name === name.replaceAll('/', '.')
  const last = lines.findLastIndex(isOurs)
  const mine = `${name} = ${value}`
  const kept = lines.flatMap((line, i) =>
    !isOurs(line) ? [line] : i === last && value !== null ? [mine] : [],
  )
  const all = last < 0 && value !== null ? [...kept, mine] : kept
  return all.length === 0 ? '' : `${all.join('\n')}\n`
}

// The kernel separates several numbers by tabs, people by blanks.
function blanked(value: string): string {
  return value.trim().replace(/\s+/g, ' ')
}
