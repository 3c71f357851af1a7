import { not } from '../../contract/matcher.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { serviceChanges } from './service-changes.ts'

const properties =
  'LoadState,ActiveState,UnitFileState,NeedDaemonReload,InvocationID,StateChangeTimestampMonotonic'

/** A systemd unit is started or stopped, now and at boot. */
export const systemdService = defineResource({
  name: 'systemd_service',
  summary: 'A systemd unit is started or stopped, now and at boot.',
  source: "Ansible's systemd_service; systemctl(1)",
  params: {
    type: 'object',
    required: ['name'],
    properties: {
      name: {
        type: 'string',
        identity: true,
        pattern: '^[A-Za-z0-9_@:.\\\\-]+$',
        description: 'Name of the unit; without a suffix it is a service.',
      },
      state: {
        type: 'string',
        enum: ['started', 'stopped', 'restarted', 'reloaded'],
        description:
          'Running, or not. `restarted` and `reloaded` are events: for handlers and `run`. Left out: left alone.',
      },
      enabled: { type: 'boolean', description: 'Started at boot, or not. Left out: left alone.' },
      masked: {
        type: 'boolean',
        description: 'Impossible to start, or not. Left out: left alone.',
      },
      daemon_reload: {
        type: 'boolean',
        default: false,
        description:
          "systemd reads the unit's files again where they are newer than what it knows.",
      },
    },
  },
  events: ['restarted', 'reloaded'],
  state: {
    exists: { type: 'boolean', description: 'Whether systemd finds the unit.' },
    running: { type: 'boolean', description: 'Whether it is active.' },
    enabled: { type: 'boolean', description: 'Whether it is started at boot.' },
    masked: { type: 'boolean', description: 'Whether it is masked.' },
    stale: { type: 'boolean', description: 'Whether its files are newer than what systemd knows.' },
    invocation: {
      type: 'string',
      description: 'Identifier of its current run: another one after each start.',
    },
    changed_at: {
      type: 'string',
      description: 'When its state changed last, on the monotonic clock of this boot.',
    },
    active_state: {
      type: 'string',
      information: true,
      description: '`active`, `inactive`, `failed`, `activating` …',
    },
    unit_file_state: {
      type: 'string',
      information: true,
      description: '`enabled`, `disabled`, `static`, `masked` …',
    },
  },
  probe: ({ name }) => ({
    show: ask(['systemctl', 'show', `--property=${properties}`, '--', name]),
  }),
  observe: ({ show }) => {
    const is = Object.fromEntries(
      show.stdout
        .split('\n')
        .map((line) => [line.split('=', 1)[0]!, line.slice(line.indexOf('=') + 1)]),
    )
    const file = is['UnitFileState'] ?? ''
    return {
      exists: is['LoadState'] !== 'not-found',
      running: is['ActiveState'] === 'active' || is['ActiveState'] === 'reloading',
      enabled: file.startsWith('enabled') || file.startsWith('linked') || file === 'alias',
      masked: file.startsWith('masked') || is['LoadState'] === 'masked',
      stale: is['NeedDaemonReload'] === 'yes',
      invocation: is['InvocationID'] ?? '',
      changed_at: is['StateChangeTimestampMonotonic'] ?? '',
      active_state: is['ActiveState'] ?? '',
      unit_file_state: file,
    }
  },
  desire: ({ state, enabled, masked, daemon_reload }, current) => ({
    exists: state === 'stopped' || (state === undefined && !enabled) ? undefined : true,
    running: state === undefined ? undefined : state !== 'stopped',
    enabled,
    masked,
    stale: daemon_reload ? false : undefined,
    invocation: state === 'restarted' ? not(current.invocation) : undefined,
    changed_at: state === 'reloaded' ? not(current.changed_at) : undefined,
  }),
  change: serviceChanges,
})
