import type { Place } from '../model/diagnostic.ts'
import { NotYet } from '../model/signal.ts'
import { Secret } from '../contract/secret.ts'
import { anyShape, mapShape, type Names } from './known-names.ts'
import { parseYaml } from './located-yaml.ts'
import { type LocatedMap, type LocatedScalar } from './located.ts'

/** Names as a task would see them. */
export const names: Names = {
  known: new Map([
    [
      'host',
      mapShape([
        ['name', { kind: 'value', type: 'string' }],
        ['groups', { kind: 'list', items: { kind: 'value', type: 'string' } }],
      ]),
    ],
    [
      'facts',
      mapShape([
        ['sp', { kind: 'value', type: 'integer' }],
        ['arch', { kind: 'value', type: 'string' }],
      ]),
    ],
    ['reg', anyShape],
    ['users', anyShape],
    ['token', anyShape],
    ['json', anyShape],
    ['hostile', anyShape],
  ]),
  later: new Map<string, Place>([['soon', { file: 'f', line: 9, column: 5 }]]),
  open: false,
}

/** Values behind those names; `reg.pending` throws a signal when it is touched. */
export function scope(): Record<string, unknown> {
  const reg = { rc: 0, none: null, text: 'out', deep: { list: [{ n: 1 }, { n: 2 }], ratio: 1.5 } }
  Object.defineProperty(reg, 'pending', {
    enumerable: true,
    get: () => {
      throw new NotYet()
    },
  })
  return Object.assign(Object.create(null) as Record<string, unknown>, {
    host: { name: 'x1', groups: ['a', 'b'] },
    facts: { sp: 5, arch: 'x86_64' },
    reg,
    users: [{ name: 'ann' }, { name: 'bob' }],
    token: new Secret('token', "s3'cret"),
    json: new Secret('json', '{"a": ["deep-one"], "n": 2}'),
    hostile: '{{ host.name }} {{lookup . "constructor"}} \u001b[31m',
  })
}

/** A scalar of a file whose line is `x: …`. */
export function scalar(text: string): LocatedScalar {
  return (parseYaml('f', `x: ${JSON.stringify(text)}\n`).value as LocatedMap).entries.get('x')!
    .value as LocatedScalar
}
