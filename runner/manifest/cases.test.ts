import { describe, expect, it } from 'vitest'
import { exec, type Change } from '../contract/change.ts'
import { ask, text } from '../contract/probe.ts'
import { defineResource, type AnyResourceType } from '../contract/resource.ts'
import { Secret } from '../contract/secret.ts'
import { checkCases, type Case } from './cases.ts'

const motd = defineResource({
  name: 'motd',
  summary: 'The message of the day.',
  params: {
    type: 'object',
    required: ['text'],
    properties: {
      text: { type: 'string', identity: true, description: 'The message.' },
      room: { type: 'string', format: 'size', matcher: true, description: 'A size.' },
      token: { type: 'string', secret: true, description: 'A secret.' },
    },
  },
  state: {
    text: { type: 'string', description: 'The message.' },
    lines: { type: 'integer', information: true, description: 'How many lines.' },
  },
  probe: () => ({ file: text('/etc/motd') }),
  observe: ({ file }) => ({
    text: file.exists ? file.text : null,
    lines: file.exists ? file.text.split('\n').length - 1 : null,
  }),
  desire: (params) => ({ text: params.text }),
  change: (_, params) => [
    {
      title: 'write the message',
      repairs: ['text'],
      effect: 'replaces',
      guard: ['file'],
      actions: [{ do: 'write', path: '/etc/motd', content: params.text }],
    },
  ],
})

const converged: Case = {
  name: 'says so',
  params: { text: 'hi\n' },
  reads: { file: { text: 'hi\n' } },
  state: { lines: 1 },
  diff: {},
}
const drifted: Case = {
  name: 'is written',
  params: { text: 'hi\n' },
  reads: { file: { exists: false } },
  diff: { text: [null, 'hi\n'] },
  changes: ['write the message'],
  does: [{ do: 'write', content: 'hi\n' }],
  then: { file: { exists: true, text: 'hi\n' } },
}
const failedRead: Case = {
  name: 'is not readable',
  params: { text: 'hi\n', room: '1K', token: 'unseen-1' },
  reads: { file: { failed: 'denied' } },
  fails: 'read/denied',
}
const all = [converged, drifted, failedRead]

/** What the harness finds in a type with one part replaced, or in one more case. */
function faults(part: Partial<AnyResourceType>, cases: readonly Case[] = all): readonly string[] {
  return checkCases({ ...motd, ...part }, cases).map(({ fault }) => fault)
}

describe('cases of a type', () => {
  it('finds nothing where all is well', () => {
    expect(checkCases(motd, all)).toEqual([])
  })

  it('wants a converged, a drifted and a failed-read case', () => {
    expect(faults({}, [])).toEqual([
      'no converged case exists',
      'no drifted case exists',
      'no failed-read case exists',
      "no case uses the param 'text'",
      "no case uses the param 'room'",
      "no case uses the param 'token'",
    ])
    const readOnly = { ...motd, change: undefined } as unknown as AnyResourceType
    expect(checkCases(readOnly, [converged]).map(({ fault }) => fault)).toContain(
      'no failed-read case exists',
    )
    expect(faults({ act: () => exec(['true']) })).toEqual(['no call case exists'])
  })

  it.each<[string, Partial<Case>, string]>([
    [
      'a param that is unknown',
      { params: { text: 'hi\n', txt: 'x' } },
      "motd has no param 'txt' (param/unknown)",
    ],
    ['a param that is missing', { params: {} }, "motd needs 'text' (param/missing)"],
    [
      'a param of another kind',
      { params: { text: 7 } },
      'motd.text wants a text; YAML takes 7 for an integer (param/type)',
    ],
    [
      'a size that is none',
      { params: { text: 'hi\n', room: 'lots' } },
      "'lots' is not a size (param/size)",
    ],
    [
      'a matcher that is none',
      { params: { text: 'hi\n', room: { more_than: 1 } } },
      'motd.room takes a value, or one of at_least, at_most, one_of, matches, contains, not (param/matcher)',
    ],
    ['a field that is otherwise', { state: { lines: 2 } }, 'lines is 1, not 2'],
    [
      'a diff that is otherwise',
      { diff: { text: ['a', 'b'] } },
      'it differs in {}, not in {"text":["a","b"]}',
    ],
    [
      'an answer that nobody asks for',
      { reads: { file: { text: 'hi\n' }, other: {} } },
      "the probe 'other' is not asked",
    ],
    ['a failure that does not come', { fails: 'read/denied' }, 'it should fail with read/denied'],
    ['work where nothing differs', { does: [['true']] }, 'nothing differs, so nothing is done'],
  ])('finds %s', (_, part, fault) => {
    expect(faults({}, [{ ...converged, ...part }, drifted, failedRead])).toContain(fault)
  })

  it.each<[string, Partial<Case>, string | RegExp]>([
    ['an action that is otherwise', { does: [['rm', '/etc/motd']] }, /^it does /],
    ['an action too many', { does: [] }, /^it does /],
    ['a title that is otherwise', { changes: ['remove it'] }, /^the changes are /],
    ['a refusal that does not come', { refuses: 'never' }, 'it does not refuse'],
    ['a wait that does not come', { awaits: 'later' }, 'it does not wait'],
    [
      'a read-back that is not told',
      { then: undefined as never },
      'the case does not say what is read after the change',
    ],
    [
      'a change that changes nothing',
      { then: {} },
      'after the change it still differs: {"text":[null,"hi\\n"]}',
    ],
  ])('finds %s', (_, part, fault) => {
    const found = faults({}, [converged, { ...drifted, ...part }, failedRead])
    expect(found).toEqual(
      expect.arrayContaining([fault instanceof RegExp ? expect.stringMatching(fault) : fault]),
    )
  })

  it('finds an answer that is missing', () => {
    expect(faults({}, [{ ...converged, reads: {} }, drifted, failedRead])[0]).toMatch(
      /^the case has no answer for the probe 'file'/,
    )
  })

  it('takes an exit that the probe does not list for a failed read', () => {
    const probe = (): object => ({ file: ask(['cat', '/etc/motd'], [0, 1]) })
    const observe = ({ file }: { file: { stdout: string } }): object => ({
      text: file.stdout,
      lines: 1,
    })
    const cases: Case[] = [
      { ...converged, reads: { file: { stdout: 'hi\n' } } },
      { ...failedRead, reads: { file: { exit: 2 } }, fails: 'read/exit' },
    ]
    expect(faults({ probe, observe } as unknown as Partial<AnyResourceType>, cases)).toEqual([
      'no drifted case exists',
    ])
  })
})

describe('the params of a type', () => {
  const params = {
    type: 'object',
    properties: {
      text: { type: 'string', identity: true, description: 'The message.' },
      form: { type: 'string', enum: ['a', 'b', 'c'], default: 'a', description: 'Its form.' },
      kinds: {
        type: 'array',
        orOne: true,
        items: { type: 'string', enum: ['x', 'y'], description: 'A kind.' },
        description: 'Its kinds.',
      },
      parts: {
        type: 'object',
        additionalProperties: {
          type: 'object',
          properties: { deep: { type: 'boolean', description: 'Whether it is deep.' } },
          description: 'A part.',
        },
        description: 'Its parts.',
      },
    },
  } as const
  const unused = (...given: readonly Case['params'][]): readonly string[] =>
    faults({ params } as unknown as Partial<AnyResourceType>, [
      ...given.map((each, i): Case => ({
        ...converged,
        name: `case ${i}`,
        params: { text: 'hi\n', ...each },
      })),
      drifted,
      { ...failedRead, params: { text: 'hi\n' } },
    ])

  it('are each used by a case, and so is each value that they may have', () => {
    expect(unused({})).toEqual([
      "no case uses the param 'form'",
      "no case uses the param 'kinds'",
      "no case uses the param 'parts'",
    ])
    expect(unused({ form: 'b', kinds: 'x', parts: { one: {} } })).toEqual([
      'no case uses `form: c`',
      'no case uses `kinds: y`',
      "no case uses the param 'parts.deep'",
    ])
    expect(
      unused({ form: 'b', kinds: ['x', 'y'] }, { form: 'c', parts: { one: { deep: true } } }),
    ).toEqual([])
  })
})

describe('a case of a mistake', () => {
  const named = (words: string, params: Case['params']): readonly string[] =>
    faults({}, [...all, { name: 'is a mistake', params, mistake: words } as Case])

  it('holds where its params are refused in these words, and reads nothing', () => {
    expect(named("motd needs 'text' (param/missing)", {})).toEqual([])
    expect(named('is missing', { text: 'hi\n' })).toEqual([
      'its params should be refused: is missing',
    ])
    expect(named('is too long', {})).toEqual([
      "its params are refused with: motd needs 'text' (param/missing)",
    ])
  })
})

describe('laws of types', () => {
  const change = (part: Partial<Change>) => () =>
    [{ ...motd.change!({}, { text: 'hi\n' }, {})[0]!, ...part }] as readonly Change[]
  let count = 0

  it.each<[string, Partial<AnyResourceType>, string]>([
    [
      'an observe that is not pure',
      { observe: () => ({ text: `${count++}`, lines: 0 }) },
      'observe does not say the same twice',
    ],
    [
      'a desire that is not pure',
      { desire: () => ({ text: `${count++}` }) },
      'desire does not say the same twice',
    ],
    [
      'a probe that is not pure',
      { probe: () => ({ file: text(`/${count++}`) }) },
      'probe does not say the same twice',
    ],
    [
      'a probe that changes its mind',
      { probe: (_, seen) => ({ file: text(seen['file'] ? '/b' : '/a') }) },
      "the probe 'file' is another one in round 2",
    ],
    [
      'a field that is left out',
      { observe: () => ({ text: 'hi\n' }) },
      "observe leaves 'lines' out",
    ],
    [
      'a field that nobody declared',
      { observe: () => ({ text: 'hi\n', lines: 1, words: 1 }) },
      "observe gives 'words', which is not a field of the state",
    ],
    [
      'a wish for information',
      { desire: () => ({ lines: 1 }) },
      "desire wants 'lines', which is information",
    ],
    [
      'a wish for nothing known',
      { desire: () => ({ words: 1 }) },
      "desire wants 'words', which is not a field of the state",
    ],
    ['drift that stays', { change: () => [] }, "no change repairs 'text'"],
    [
      'a repair of what does not differ',
      { change: change({ repairs: ['text', 'lines'] }) },
      '"write the message" repairs \'lines\', which does not differ',
    ],
    [
      'a guard that is no probe',
      { change: change({ guard: ['blkid'] }) },
      '"write the message" is guarded by \'blkid\', which is not asked',
    ],
    [
      'a guard that is missing',
      { change: change({ guard: [] as never }) },
      '"write the message" replaces something and has no guard',
    ],
    [
      'a change without actions',
      { change: change({ actions: [] }) },
      '"write the message" does nothing',
    ],
    ['a change without a title', { change: change({ title: ' ' }) }, 'a change has no title'],
    [
      'a wait without an end',
      { change: change({ actions: [{ do: 'await', why: 'it comes' }] }) },
      'it waits, and has no settle',
    ],
    [
      'params that are spread',
      { desire: (params: object) => ({ text: ({ ...params } as { text: string }).text }) },
      'it spreads or lists its params',
    ],
  ])('find %s', (_, part, fault) => {
    expect(faults(part)).toContain(fault)
  })

  it('find a probe that never comes to its end', () => {
    const probe = (_: unknown, seen: object): object =>
      Object.fromEntries(
        ['file', 'b', 'c', 'd', 'e']
          .slice(0, Object.keys(seen).length + 1)
          .map((name) => [name, text(`/${name}`)]),
      )
    const reads = { file: { text: 'hi\n' }, b: {}, c: {}, d: {}, e: {} }
    expect(
      faults({ probe } as Partial<AnyResourceType>, [{ ...converged, reads }, drifted, failedRead]),
    ).toContain('probe asks for more after 3 rounds: d')
  })

  it('find a type that cannot be read by its identity alone', () => {
    const observe = (_: unknown, { token }: { token: Secret }): object => ({
      text: 'hi\n',
      lines: token.name.length,
    })
    const params = { text: 'hi\n', token: 'canary-7' }
    expect(
      faults({ observe } as unknown as Partial<AnyResourceType>, [
        { ...converged, params, state: {} },
        failedRead,
      ])[0],
    ).toMatch(/^with its identity params alone it fails/)
  })

  it('find writing to what was read', () => {
    const observe = ({ file }: { file: { text: string } }): object =>
      Object.assign(file, { text: 'x' })
    expect(() => faults({ observe } as unknown as Partial<AnyResourceType>)).toThrow(TypeError)
  })

  it('find a secret that shows, and none that does not', () => {
    const params = { text: 'hi\n', token: 'canary-7' }
    const cases = [{ ...converged, params }, { ...drifted, params }, failedRead]
    const leaking = (told: (token: Secret) => string) =>
      change({ actions: [exec(['login', told(new Secret('token', 'canary-7'))])] })
    expect(faults({}, cases)).toEqual([])
    expect(faults({ change: leaking(() => 'canary-7') }, cases)).toContain(
      'a secret shows in what the type says',
    )
    expect(faults({ change: leaking(String) }, cases)).not.toContain(
      'a secret shows in what the type says',
    )
  })
})
