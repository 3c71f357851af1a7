import { stat, text } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { backupParam } from '../backup.ts'
import { attributesOfWrite, writeContent } from '../content.ts'
import { refused } from '../refused.ts'
import { settingsOf, unclearSetting, withSettings } from '../shell-settings.ts'

/** Settings stand in a sysconfig file (`KEY="value"`); all else in it is left as it is. */
export const sysconfig = defineResource({
  name: 'sysconfig',
  summary: 'Settings stand in a sysconfig file (`KEY="value"`); all else in it is left as it is.',
  source:
    'Configure a Remote Build Node, "Create storage on the node" (/etc/sysconfig/network/config)',
  params: {
    type: 'object',
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        description: 'The file.',
        examples: ['/etc/sysconfig/network/config'],
      },
      settings: {
        type: 'object',
        description: 'Keys and their values; a key that is left out is left alone.',
        examples: [{ NETCONFIG_DNS_STATIC_SEARCHLIST: 'nmn mtl hmn' }],
        keyPattern: '^[A-Za-z_][A-Za-z0-9_]*$',
        additionalProperties: {
          type: 'string',
          format: 'line',
          description: 'Value, without quotes.',
        },
      },
      create: {
        type: 'boolean',
        default: false,
        description: 'Create the file if it does not exist.',
      },
      backup: backupParam,
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether the file is there.' },
    settings: {
      type: 'object',
      additionalProperties: { type: 'string', description: 'Value.' },
      description:
        'All settings of the file, quotes taken away; variables in them are not expanded.',
    },
    content: { type: 'string', information: true, description: 'The whole file.' },
    kind: { type: 'string', information: true, description: '`file`, `link` …' },
  },
  probe: ({ path }) => ({ at: stat(path), text: text(path) }),
  observe: ({ at, text }) => ({
    exists: at.exists,
    settings: text.exists ? settingsOf(text.text) : null,
    content: text.exists ? text.text : null,
    kind: at.exists ? at.kind : null,
  }),
  desire: ({ settings }) => ({ exists: true, settings }),
  change: (diff, params, current) => {
    const { path, create } = params
    const title = `write ${path}`
    const repairs = (['exists', 'settings'] as const).filter((field) => diff[field])
    if (!current.exists && !create)
      return refused(
        title,
        repairs,
        `${path} does not exist`,
        'install what brings it in a task before this one, or add `create: true`',
      )
    const wanted = (diff.settings?.to ?? {}) as Readonly<Record<string, string>>
    const unclear = unclearSetting(current.content ?? '', wanted)
    if (unclear)
      return refused(
        title,
        repairs,
        `only a shell can say where the value of ${unclear.key} in line ${unclear.line} of ${path} ends: it computes something, or a quote stays open`,
        `write that line by hand, as ${unclear.key}="…"`,
      )
    const content = withSettings(current.content ?? '', wanted)
    const changes = writeContent(path, content, repairs, {
      kind: current.kind,
      guard: 'text',
      attributes: attributesOfWrite({}, current.exists ? params.backup : undefined),
    })
    const keys = Object.keys(wanted).join(', ')
    return changes.map((change) => ({
      ...change,
      title: current.exists ? `set ${keys} in ${path}` : change.title,
    }))
  },
})
