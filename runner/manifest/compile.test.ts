import { describe, expect, it } from 'vitest'
import { DiagnosticError } from '../model/diagnostic.ts'
import { Secret } from '../contract/secret.ts'
import { NotYet } from '../model/signal.ts'
import { compileManifest } from './compile.ts'

const good = `type: site.thing
summary: A thing is as it should be.
params:
  required: [name]
  properties:
    name: { type: string, identity: true, description: Name. }
    size: { type: string, format: size, default: 1K, description: Size. }
    owner: { type: string, description: Owner. }
    token: { type: string, secret: true, description: Token. }
state:
  there: { type: boolean, description: Is there. }
  size: { type: integer, description: Its size. }
  id: { type: string, information: true, description: Its id. }
probe:
  show: { read: exec, argv: [thing, show, --, "{{ name }}"], exits: [0, 3] }
  more: { read: text, path: "/var/things/{{ name }}", when: show.exit == 0 }
observe:
  there: { from: show, exit: { 0: true, 3: false } }
  size: { from: show, regexp: 'size=(\\d+)', otherwise: null }
  id: { from: show, json: /id, otherwise: null }
desire:
  there: true
  size: "{{ size }}"
change:
  - on: there
    title: make {{ name }}
    argv: [thing, make, "{{ name }}"]
    repairs: [there, size]
  - on: size
    argv: [thing, resize, "{{ name }}", "{{ size }}"]
settle: { for: 30m, every: 10s, progress: "size {{ current.size }}" }
`

function compiled(text: string) {
  const { type, diagnostics } = compileManifest('thing.resource.yaml', text)
  if (!type) throw new DiagnosticError(diagnostics)
  return type
}

function changed(...pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((text, [from, to]) => {
    expect(text).toContain(from)
    return text.replace(from, () => to)
  }, good)
}

const seen = { show: { exit: 0, stdout: 'size=5', stderr: '' } }

describe('a manifest', () => {
  const type = compiled(good)

  it('has what a TypeScript type has', () => {
    expect(Object.keys(type).sort()).toEqual([
      'change',
      'desire',
      'name',
      'observe',
      'params',
      'probe',
      'settle',
      'state',
      'summary',
    ])
    expect(type.params).toEqual({
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string', identity: true, description: 'Name.' },
        size: { type: 'string', format: 'size', default: '1K', description: 'Size.' },
        owner: { type: 'string', description: 'Owner.' },
        token: { type: 'string', secret: true, description: 'Token.' },
      },
    })
  })

  it('asks what waits for a reading only when that is there', () => {
    expect(type.probe({ name: 'a' }, {})).toEqual({
      show: { read: 'exec', argv: ['thing', 'show', '--', 'a'], exits: [0, 3] },
    })
    expect(Object.keys(type.probe({ name: 'a' }, seen))).toEqual(['show', 'more'])
    expect(Object.keys(type.probe({ name: 'a' }, { show: { exit: 3 } }))).toEqual(['show'])
  })

  it('leaves every argument one argument', () => {
    for (const name of [
      "x'; touch /tmp/pwned; '",
      '$(reboot)',
      '`id`',
      'a b\nc',
      '--force',
      '{{ size }}',
      '"',
      '\\',
      'ä\u0000'.replace('\u0000', ''),
    ]) {
      expect(type.probe({ name }, {})['show']).toMatchObject({
        argv: ['thing', 'show', '--', name],
      })
      expect(
        type.change!({ there: { from: false, to: true } }, { name, size: 1 }, {})[0]!.actions,
      ).toEqual([{ do: 'exec', argv: ['thing', 'make', name] }])
    }
  })

  it('touches no param that it does not name: one that is not known yet passes through', () => {
    const params = {
      get name(): string {
        throw new NotYet()
      },
      size: 5,
    }
    expect(() => type.probe(params, {})).toThrow(NotYet)
    expect(type.desire!(params, {})).toEqual({ there: true, size: 5 })
    expect(() => type.change!({ there: { from: false, to: true } }, params, {})).toThrow(NotYet)
  })

  it('makes a change where no change before it repairs the field already', () => {
    const make = (diff: object) =>
      type.change!(diff, { name: 'a', size: 9 }, {}).map(({ title, repairs, actions }) => [
        title,
        repairs,
        actions[0]!.do === 'exec' ? actions[0]!.argv : actions,
      ])
    expect(make({ there: { from: false, to: true }, size: { from: 1, to: 9 } })).toEqual([
      ['make a', ['there', 'size'], ['thing', 'make', 'a']],
    ])
    expect(make({ there: { from: false, to: true } })).toEqual([
      ['make a', ['there'], ['thing', 'make', 'a']],
    ])
    expect(make({ size: { from: 1, to: 9 } })).toEqual([
      ['repair size', ['size'], ['thing', 'resize', 'a', '9']],
    ])
  })

  it('takes numbers from text, and fails where there is none', () => {
    expect(type.observe(seen, { name: 'a' })).toEqual({ there: true, size: 5, id: null })
    const strict = compiled(
      changed(["regexp: 'size=(\\d+)', otherwise: null", "regexp: 'size=(.+)'"]),
    )
    for (const stdout of ['', 'size=large']) {
      const error = attempt(() =>
        strict.observe({ show: { exit: 0, stdout, stderr: '' } }, { name: 'a' }),
      )
      expect(error?.diagnostics[0]).toMatchObject({ code: 'read/unclear', at: { line: 19 } })
    }
  })

  it('says how far it is, also where there is nothing to say', () => {
    expect(type.settle).toMatchObject({ for: 1800, every: 10 })
    expect(type.settle!.progress({ size: 5 })).toBe('size 5')
    expect(type.settle!.progress({ size: null, there: false })).toBe('there false, size null')
  })

  it.each([
    ['lines', '{ from: show, lines: true }', 'array', ' a \n\nb\n', ['a', 'b']],
    ['what lines hold', "{ from: show, lines: '^u=(.*)' }", 'array', 'u=1\nv=2\nu=3', ['1', '3']],
    ['a text as it is', '{ from: show, trim: false }', 'string', ' a\n', ' a\n'],
    ['another part', '{ from: show, field: stderr }', 'string', '', ''],
    [
      'a part of JSON',
      '{ from: show, json: /a~1b/0/c }',
      'any',
      '{"a/b":[{"c":[1,{"d":2}]}]}',
      [1, { d: 2 }],
    ],
    ['all of JSON', '{ from: show, json: "" }', 'any', '{"a":1}', { a: 1 }],
    ['a named group', "{ from: show, regexp: '(a)(?<last>b)', group: last }", 'string', 'xab', 'b'],
    [
      'what a text means',
      '{ from: show, values: { enabled: true, disabled: false } }',
      'boolean',
      'disabled\n',
      false,
    ],
    ['the exit', '{ from: show, exit: true }', 'integer', '', 0],
    ['an expression', '!expr show.stdout.split(",").size()', 'integer', 'a,b,c', 3],
    ['a template', '"{{ upper show.stdout }}"', 'string', 'abc', 'ABC'],
    ['a default in an expression', '!expr default(more.text, "none")', 'string', '', 'none'],
  ])('observes %s', (_what, how, kind, stdout, value) => {
    const one = compiled(
      changed(
        ['id: { type: string,', `id: { type: ${kind},`],
        ['id: { from: show, json: /id, otherwise: null }', `id: ${how}`],
      ),
    )
    expect(one.observe({ show: { exit: 0, stdout, stderr: '' } }, { name: 'a' }).id).toEqual(value)
  })
})

describe('a pointer and a time in a manifest', () => {
  it('renders each key of a pointer by itself', () => {
    const type = compiled(changed(['json: /id', 'json: "/data/{{ name }}/~1x"']))
    const answer = { data: { 'a/b': { '/x': 'found' }, a: { b: { '/x': 'wrong' } } } }
    const show = { exit: 0, stdout: JSON.stringify(answer), stderr: '' }
    expect(type.observe({ show }, { name: 'a/b' }).id).toBe('found')
    expect(type.observe({ show }, { name: 'none' }).id).toBe(null)
  })

  it('refuses braces in a regular expression, and says so', () => {
    const { diagnostics } = compileManifest(
      'thing.resource.yaml',
      changed(["regexp: 'size=(\\d+)'", "regexp: '{{ name }}=(\\S+)'"]),
    )
    expect(diagnostics).toMatchObject([
      {
        code: 'manifest/regexp',
        message: expect.stringContaining('is not rendered'),
        at: { line: 19, width: 10 },
        hint: expect.stringContaining('!expr'),
      },
    ])
  })

  it('takes a time as people write it', () => {
    const type = compiled(
      changed(
        ['exits: [0, 3] }', 'exits: [0, 3], timeout: 1m }'],
        ['argv: [thing, resize, "{{ name }}", "{{ size }}"]', 'argv: [thing]\n    timeout: 10m'],
      ),
    )
    expect(type.probe({ name: 'a' }, {})['show']).toMatchObject({ timeout: 60 })
    const [change] = type.change!({ size: { from: 1, to: 2 } }, { name: 'a' }, {})
    expect(change!.actions).toMatchObject([{ timeout: 600 }])
    const { diagnostics } = compileManifest(
      'thing.resource.yaml',
      changed(['exits: [0, 3] }', 'exits: [0, 3], timeout: soon }']),
    )
    expect(diagnostics).toMatchObject([{ code: 'manifest/probe', at: { line: 15 } }])
  })
})

describe('secrets in a manifest', () => {
  it('go to stdin, content and body, and stay secrets', () => {
    const type = compiled(
      changed([
        '    argv: [thing, make, "{{ name }}"]',
        '    actions:\n      - { argv: [thing, make], stdin: "t={{ token }}" }\n      - write: { path: /etc/t, content: "{{ token }}" }\n      - http: { method: POST, path: /x, body: { t: "{{ token }}" }, statuses: [201] }',
      ]),
    )
    const { actions } = type.change!(
      { there: { from: false, to: true } },
      { name: 'a', token: new Secret('token', 'canary-text') },
      {},
    )[0]!
    expect(JSON.stringify(actions)).not.toContain('canary')
    expect(
      actions
        .map((action) =>
          'stdin' in action
            ? action.stdin
            : 'content' in action
              ? action.content
              : (action as unknown as { body: { t: unknown } }).body.t,
        )
        .every((each) => each instanceof Secret),
    ).toBe(true)
  })

  it('are taken from secret answers without being shown', () => {
    const type = compiled(
      changed(
        [
          'id: { type: string, information: true,',
          'id: { type: string, secret: true, information: true,',
        ],
        ['exits: [0, 3] }', 'exits: [0, 3], secret: key }'],
        [
          "size: { from: show, regexp: 'size=(\\d+)', otherwise: null }",
          'size: { from: more, otherwise: null }',
        ],
        ['json: /id, otherwise: null', "regexp: 'key=(.*)'"],
      ),
    )
    const found = type.observe(
      { show: { exit: 0, stdout: new Secret('key', 'key=canary-text'), stderr: '' } },
      { name: 'a' },
    ).id as Secret
    expect(found).toBeInstanceOf(Secret)
    expect(found.equals('canary-text')).toBe(true)
    const error = attempt(() =>
      type.observe(
        { show: { exit: 0, stdout: new Secret('key', 'canary-text'), stderr: '' } },
        { name: 'a' },
      ),
    )
    expect(JSON.stringify(error?.diagnostics)).not.toContain('canary')
    expect(error?.diagnostics[0]!.code).toBe('read/unclear')
  })

  it('that may be one are refused where they would be shown, when they come', () => {
    const type = compiled(
      changed(
        ['owner: { type: string,', 'owner: { type: string, orSecret: true,'],
        ['[thing, make, "{{ name }}"]', '[thing, make, "o={{ owner }}"]'],
      ),
    )
    const error = attempt(() =>
      type.change!(
        { there: { from: false, to: true } },
        { name: 'a', owner: new Secret('o', 'canary-text') },
        {},
      ),
    )
    expect(error?.diagnostics[0]).toMatchObject({ code: 'manifest/secret', at: { line: 27 } })
  })
})

const mistakes: readonly (readonly [
  what: string,
  code: string,
  line: number,
  change: readonly [string, string],
  another?: readonly [string, string],
])[] = [
  ['an unknown key', 'schema/unknown-key', 3, ['params:', 'parms: {}\nparams:']],
  [
    'a key that is missing',
    'schema/missing-key',
    1,
    ['summary: A thing is as it should be.\n', ''],
  ],
  ['a summary without a full stop', 'manifest/text', 2, ['should be.', 'should be']],
  ['a name of a type', 'manifest/name', 1, ['site.thing', 'Site-Thing']],
  ['a name of a param', 'manifest/name', 8, ['    owner:', '    Owner:']],
  ['a param with a name of manifests', 'manifest/name', 8, ['    owner:', '    current:']],
  ['a probe called as a param', 'manifest/name', 16, ['  more:', '  owner:']],
  ['a probe called as a word of expressions', 'manifest/name', 16, ['  more:', '  map:']],
  ['no identity', 'manifest/identity', 6, ['identity: true, ', '']],
  ['a default that breaks its schema', 'manifest/param', 7, ['default: 1K', 'default: large']],
  [
    'a required param that there is not',
    'manifest/param',
    4,
    ['required: [name]', 'required: [nam]'],
  ],
  [
    'a pattern that cannot be read',
    'manifest/regexp',
    8,
    ['owner: { type: string,', "owner: { type: string, pattern: '(',"],
  ],
  [
    'an event that is no value of state',
    'manifest/param',
    3,
    ['params:', 'events: [restarted]\nparams:'],
  ],
  ['a field to show that there is not', 'manifest/field', 3, ['params:', 'shows: text\nparams:']],
  [
    'a probe without its argv',
    'manifest/probe',
    15,
    ['argv: [thing, show, --, "{{ name }}"], ', ''],
  ],
  [
    'a key of another kind of probe',
    'manifest/probe',
    16,
    ['when: show.exit', 'exits: [0], when: show.exit'],
  ],
  ['exits that are none', 'manifest/probe', 15, ['exits: [0, 3]', 'exits: [zero]']],
  [
    'an argv that is one text',
    'manifest/text',
    15,
    ['[thing, show, --, "{{ name }}"]', '"thing show {{ name }}"'],
  ],
  ['a number in an argv', 'manifest/text', 15, ['show, --,', 'show, 7,']],
  [
    'an unknown name in a template',
    'template/unknown-name',
    15,
    ['"{{ name }}"], exits', '"{{ nam }}"], exits'],
  ],
  [
    'an unknown part of a reading',
    'expression/unknown-field',
    16,
    ['show.exit == 0', 'show.exitt == 0'],
  ],
  ['a condition that is none', 'expression/not-boolean', 16, ['show.exit == 0', 'show.exit + 1']],
  [
    'probes in a circle',
    'manifest/probe-order',
    15,
    ['exits: [0, 3] }', 'exits: [0, 3], when: more.exists }'],
  ],
  [
    'a field that is not observed',
    'manifest/field',
    18,
    ['  id: { from: show, json: /id, otherwise: null }\n', ''],
  ],
  [
    'an observed field that there is not',
    'manifest/field',
    21,
    ['desire:', '  extra: { from: show }\ndesire:'],
  ],
  ['a probe that there is not', 'manifest/from', 20, ['id: { from: show,', 'id: { from: shw,']],
  ['two ways to take a value', 'manifest/observe', 20, ['json: /id,', "json: /id, regexp: 'x',"]],
  ['a part that the reading has not', 'manifest/observe', 20, ['json: /id,', 'exists: true,']],
  ['a pointer that is none', 'manifest/observe', 20, ['json: /id,', 'json: id,']],
  ['a group that there is not', 'manifest/observe', 19, ["(\\d+)',", "(\\d+)', group: 2,"]],
  ['a regular expression that is none', 'manifest/regexp', 19, ["(\\d+)',", "(\\d+',"]],
  ['a meaning of another type', 'manifest/observe', 18, ['3: false', '3: nope']],
  [
    'a field from no reading',
    'manifest/observe',
    20,
    ['id: { from: show, json: /id, otherwise: null }', 'id: always'],
  ],
  [
    'a secret answer in an open field',
    'manifest/secret',
    19,
    ['exits: [0, 3] }', 'exits: [0, 3], secret: key }'],
  ],
  [
    'a secret in an argv',
    'manifest/secret',
    27,
    ['[thing, make, "{{ name }}"]', '[thing, make, "{{ token }}"]'],
  ],
  [
    'a secret in a title',
    'manifest/secret',
    26,
    ['title: make {{ name }}', 'title: make {{ params.token }}'],
  ],
  [
    'a secret in a path',
    'manifest/secret',
    16,
    ['/var/things/{{ name }}', '/var/things/{{ token }}'],
  ],
  ['an unknown field that is wanted', 'manifest/field', 22, ['  there: true', '  thre: true']],
  ['information that is wanted', 'manifest/field', 22, ['  there: true', '  id: x\n  there: true']],
  ['a wish of another type', 'manifest/wish', 22, ['  there: true', '  there: "yes"']],
  [
    'a matcher that is none',
    'manifest/wish',
    23,
    ['size: "{{ size }}"\nchange', 'size: { at_least: big }\nchange'],
  ],
  [
    'a wanted field that nothing repairs',
    'manifest/repair',
    25,
    [
      '    repairs: [there, size]\n  - on: size\n    argv: [thing, resize, "{{ name }}", "{{ size }}"]\n',
      '',
    ],
  ],
  [
    'changes without wishes',
    'manifest/repair',
    21,
    ['desire:\n  there: true\n  size: "{{ size }}"\n', ''],
  ],
  ['a change on a field that there is not', 'manifest/field', 29, ['- on: size', '- on: siez']],
  [
    'a change that does nothing',
    'manifest/action',
    29,
    ['    argv: [thing, resize, "{{ name }}", "{{ size }}"]\n', '    title: nothing\n'],
  ],
  [
    'two actions in one',
    'manifest/action',
    28,
    ['    repairs: [there, size]', '    remove: { path: /x }\n    repairs: [there, size]'],
  ],
  [
    'a key of another action',
    'manifest/action',
    31,
    [
      '    argv: [thing, resize, "{{ name }}", "{{ size }}"]',
      '    await: time goes by\n    stdin: x',
    ],
  ],
  [
    'a change that destroys without a guard',
    'manifest/guard',
    27,
    ['    argv: [thing, make', '    effect: destroys\n    argv: [thing, make'],
  ],
  [
    'a guard that is no probe',
    'manifest/guard',
    27,
    ['    argv: [thing, make', '    guard: [shwo]\n    argv: [thing, make'],
  ],
  [
    'a removal that is not marked',
    'manifest/guard',
    27,
    ['    argv: [thing, make, "{{ name }}"]', '    remove: { path: /x }'],
  ],
  [
    'an upload of no local file',
    'manifest/action',
    27,
    ['    argv: [thing, make, "{{ name }}"]', '    upload: { path: /x, source: "{{ owner }}" }'],
  ],
  ['a duration that is none', 'manifest/settle', 31, ['for: 30m', 'for: long']],
  [
    'waiting without an end',
    'manifest/settle',
    30,
    [
      '    argv: [thing, resize, "{{ name }}", "{{ size }}"]\nsettle: { for: 30m, every: 10s, progress: "size {{ current.size }}" }',
      '    await: it grows',
    ],
  ],
  ['YAML that is none', 'yaml/tab', 4, ['params:', 'params:\n\tx: 1']],
]

describe('a mistake of a manifest is said with its place and what to type', () => {
  it.each(
    mistakes.map(([what, code, line, change, another]) => ({ what, code, line, change, another })),
  )('$what: $code', ({ code, line, change, another }) => {
    const { type, diagnostics } = compileManifest(
      'thing.resource.yaml',
      changed(change, ...(another ? [another] : [])),
    )
    expect(type).toBeNull()
    const [found] = diagnostics.filter((each) => each.code === code)
    expect({
      line: found?.at?.line,
      all: diagnostics.map((each) => `${each.at?.line} ${each.code} ${each.message}`),
    }).toMatchObject({ line })
    for (const each of diagnostics) {
      expect(each.hint, each.code).toBeTruthy()
      expect(each.at?.source, each.code).toBeDefined()
    }
  })

  it('and all of them at once, in order', () => {
    const { diagnostics } = compileManifest(
      'thing.resource.yaml',
      changed(
        ['should be.', 'should be'],
        ['"{{ name }}"], exits', '"{{ nam }}"], exits'],
        ['- on: size', '- on: siez'],
        ['for: 30m', 'for: long'],
      ),
    )
    expect(diagnostics.map(({ code, at }) => `${at!.line} ${code}`)).toEqual([
      '2 manifest/text',
      '15 template/unknown-name',
      '29 manifest/field',
      '31 manifest/settle',
    ])
  })

  it('of an empty file too', () => {
    expect(compileManifest('x.resource.yaml', '').diagnostics.map(({ code }) => code)).toEqual([
      'manifest/empty',
    ])
  })
})

function attempt(call: () => unknown): DiagnosticError | null {
  try {
    call()
    return null
  } catch (error) {
    if (error instanceof DiagnosticError) return error
    throw error
  }
}
