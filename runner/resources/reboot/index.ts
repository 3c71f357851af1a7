import { exec } from '../../contract/change.ts'
import { not } from '../../contract/matcher.ts'
import { text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'

// Under systemd `systemctl` asks the manager itself; elsewhere `reboot` is what there is.
const script = 'if [ -d /run/systemd/system ]; then exec systemctl reboot; fi; exec reboot'

/** A host is rebooted, and is back. */
export const reboot = defineResource({
  name: 'reboot',
  summary: 'A host is rebooted, and is back.',
  source: "Ansible's reboot; systemctl(1)",
  destroys: true,
  params: {
    type: 'object',
    properties: {
      state: {
        type: 'string',
        enum: ['rebooted'],
        default: 'rebooted',
        identity: true,
        description: 'An event: for handlers and `run`.',
      },
      reboot_timeout: {
        type: 'string',
        format: 'duration',
        default: '10m',
        description: 'How long it may take until the host answers again.',
      },
    },
  },
  events: ['rebooted'],
  state: {
    boot_id: {
      type: 'string',
      description: 'Identifier of the running boot: another one after each.',
    },
  },
  probe: () => ({ boot: text('/proc/sys/kernel/random/boot_id') }),
  observe: ({ boot }) => ({ boot_id: boot.exists ? boot.text.trim() : null }),
  desire: (_params, { boot_id }) => ({ boot_id: not(boot_id) }),
  // Guarded by the boot that was to end: the engine leaves a host alone that another user has rebooted meanwhile.
  boots: true,
  change: () => [
    {
      title: 'reboot',
      repairs: ['boot_id'],
      kind: 'boot',
      effect: 'destroys',
      guard: ['boot'],
      actions: [exec(['sh', '-c', script], { shown: 'reboot' })],
    },
  ],
  settle: {
    for: ({ reboot_timeout }) => reboot_timeout,
    every: 5,
    progress: () => 'the host has not gone down yet',
  },
})
