import { get } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import type { Secret } from '../../contract/secret.ts'
import { textAt } from '../service-answers.ts'
import { unclear } from '../unclear.ts'
import { entryChanges } from './entry-changes.ts'
import { entryIn, valueIn } from './entry-data.ts'

const part = '[A-Za-z0-9_][A-Za-z0-9_.-]*'

/** Vault keeps these values at a path, or nothing; no value is ever shown. */
export const vaultSecret = defineResource({
  name: 'vault_secret',
  summary: 'Vault keeps these values at a path, or nothing; no value is ever shown.',
  source:
    'HashiCorp Vault; Configure the root Password and SSH Keys in Vault (vault write secret/csm/users/root)',
  destroys: ['absent'],
  params: {
    type: 'object',
    required: ['path'],
    properties: {
      mount: {
        type: 'string',
        identity: true,
        default: 'secret',
        pattern: `^${part}$`,
        description: 'Engine for keys and values, by the path where it is mounted.',
      },
      path: {
        type: 'string',
        identity: true,
        pattern: `^${part}(?:/${part})*$`,
        hint: 'write a path below the mount, such as csm/users/root',
        description: 'Path below the mount.',
        examples: ['csm/users/root'],
      },
      values: {
        type: 'object',
        keyPattern: '^[^\\u0000-\\u001f\\u007f]+$',
        onlyWith: { state: ['present'] },
        additionalProperties: {
          type: 'string',
          secret: true,
          description: 'Value that the key must have.',
        },
        description: 'Values by their keys; other keys are left alone.',
      },
      state: {
        type: 'string',
        enum: ['present', 'absent'],
        default: 'present',
        description:
          'There, or not. An engine with versions keeps what is deleted until it is destroyed there.',
      },
    },
  },
  state: {
    exists: { type: 'boolean', description: 'Whether something is there.' },
    values: {
      type: 'object',
      additionalProperties: { type: 'string', secret: true, description: 'Value: a secret.' },
      description: 'Its values by their keys, each a secret.',
    },
    keys: {
      type: 'array',
      items: { type: 'string', description: 'Key.' },
      information: true,
      description: 'The names of its keys.',
    },
    data: {
      type: 'string',
      secret: true,
      information: true,
      description: 'All of it as JSON: a secret.',
    },
    engine: {
      type: 'integer',
      information: true,
      description: '2: the engine keeps versions; 1: it keeps the newest value only.',
    },
    version: { type: 'integer', information: true, description: 'Newest version of an engine 2.' },
  },
  probe: ({ mount, path }, seen) => {
    const engine = engineIn(seen['engine']?.json)
    return {
      engine: get('vault', `/sys/internal/ui/mounts/${mount}`, [200, 403], { pick: 'data' }),
      entry:
        engine === null
          ? undefined
          : {
              ...get('vault', `/${mount}/${engine === 2 ? 'data/' : ''}${path}`, [200, 404], {
                pick: 'data',
              }),
              secret: `${mount}/${path}`,
            },
    }
  },
  observe: ({ engine: mounted, entry }, { mount }) => {
    const engine = engineIn(mounted.json)
    if (engine === null || entry === undefined)
      return unclear(
        `Vault has no engine for keys and values at ${mount}, or the token may not use it`,
        'look at the mounts with `vault secrets list`',
      )
    const found = entryIn(entry.body, engine === 2)
    return {
      exists: found.exists,
      values: found.exists
        ? Object.fromEntries(found.keys.map((key) => [key, valueIn(found.data, key)] as const))
        : null,
      keys: found.keys,
      data: found.exists ? found.data : null,
      engine,
      version: engine === 2 ? found.version : null,
    }
  },
  desire: ({ values, state }) =>
    state === 'absent'
      ? { exists: false }
      : { exists: true, values: values as { readonly [key: string]: Secret } | undefined },
  change: entryChanges,
})

function engineIn(mounted: unknown): 1 | 2 | null {
  if (textAt(mounted as never, 'type') !== 'kv') return null
  return textAt(mounted as never, 'options', 'version') === '2' ? 2 : 1
}
