import { exec } from '../../contract/change.ts'
import { ask, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'

/** A kernel module is loaded, or not; and loaded at boot, or not. */
export const kernelModule = defineResource({
  name: 'kernel_module',
  summary: 'A kernel module is loaded, or not; and loaded at boot, or not.',
  source: "Ansible's community.general.modprobe",
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_-]+$',
        description: 'Name of the module.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description: 'Loaded now, or not.',
      },
      persistent: {
        type: 'string',
        enum: ['disabled', 'present', 'absent'],
        default: 'disabled',
        description: 'Loaded at boot by modules-load.d; `disabled` leaves that alone.',
      },
    },
  },
  state: {
    loaded: { type: 'boolean', description: 'Loaded now, or built into the kernel.' },
    at_boot: { type: 'boolean', description: 'Named in /etc/modules-load.d by this tool.' },
  },
  probe: ({ name }) => ({
    loaded: ask(['test', '-d', `/sys/module/${name.replaceAll('-', '_')}`], [0, 1]),
    // What is built in and has no parameters is not in /sys/module; 2: the kernel's own list is not there.
    builtIn: ask(
      [
        'sh',
        '-c',
        'grep -q -- "/$1\\.ko" "/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null',
        'sh',
        name.replace(/[-_]/g, '[-_]'),
      ],
      [0, 1, 2],
    ),
    atBoot: text(`/etc/modules-load.d/${name}.conf`),
  }),
  observe: ({ loaded, builtIn, atBoot }, { name }) => ({
    loaded: loaded.exit === 0 || builtIn.exit === 0,
    at_boot: atBoot.exists && atBoot.text.split('\n').some((line) => line.trim() === name),
  }),
  desire: ({ state, persistent }) => ({
    loaded: state === 'present',
    at_boot: persistent === 'disabled' ? undefined : persistent === 'present',
  }),
  change: (diff, { name }) => [
    ...(diff.loaded
      ? [
          {
            title: diff.loaded.to ? `load ${name}` : `unload ${name}`,
            repairs: ['loaded'] as const,
            actions: [exec(['modprobe', ...(diff.loaded.to ? [] : ['-r']), '--', name])],
          },
        ]
      : []),
    ...(diff.at_boot
      ? [
          {
            title: diff.at_boot.to ? `load ${name} at boot` : `stop loading ${name} at boot`,
            repairs: ['at_boot'] as const,
            actions: [
              diff.at_boot.to
                ? {
                    do: 'write' as const,
                    path: `/etc/modules-load.d/${name}.conf`,
                    content: `${name}\n`,
                    mode: '0644',
                  }
                : { do: 'remove' as const, path: `/etc/modules-load.d/${name}.conf` },
            ],
          },
        ]
      : []),
  ],
})
