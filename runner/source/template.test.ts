import { describe, expect, it } from 'vitest'
import type { DiagnosticError } from '../model/diagnostic.ts'
import { Secret } from '../contract/secret.ts'
import { NotYet } from '../model/signal.ts'
import { anyShape } from './known-names.ts'
import { names, scalar, scope } from './scope.fixture.ts'
import { compileTemplate } from './template.ts'

function render(text: string): unknown {
  return compileTemplate(text, names, scalar(text)).computed.evaluate(scope())
}

function faults(text: string): readonly unknown[] {
  return compileTemplate(text, names, scalar(text)).diagnostics.map((d) => [
    d.code,
    d.at?.column,
    d.at?.width,
  ])
}

describe('compileTemplate', () => {
  it.each([
    ['{{ facts.sp }}', 5],
    ['{{ users }}', [{ name: 'ann' }, { name: 'bob' }]],
    ['{{ reg.none }}', null],
    ['sp{{ facts.sp }}-{{ facts.arch }}', 'sp5-x86_64'],
    ['a = "b" & <c> {{ host.name }}', 'a = "b" & <c> x1'],
    ['{{ users.0.name }} of {{ users.length }}', 'ann of 2'],
    ['{{#each users}}{{name}}{{#unless @last}},{{/unless}}{{/each}}', 'ann,bob'],
    [
      '{{#each users as |user i|}}{{i}}{{user.name}}@{{@root.host.name}} {{/each}}',
      '0ann@x1 1bob@x1 ',
    ],
    ['{{#each reg.none}}x{{else}}nobody{{/each}}', 'nobody'],
    ['{{#with reg.deep}}{{ratio}} {{../host.name}}{{/with}}', '1.5 x1'],
    ['{{#if (eq facts.sp 5)}}five{{else if reg.none}}none{{else}}other{{/if}}', 'five'],
    ['{{ default reg.typo "d" }}', 'd'],
    ['{{ default reg.none 3 }}', 3],
    ['{{ join host.groups "," }}', 'a,b'],
    ['{{ json reg.deep }}', '{"list":[{"n":1},{"n":2}],"ratio":1.5}'],
    ['{{ quote "it\'s" }}', "'it'\\''s'"],
    ['{{ b64 "hi" }} {{ upper host.name }} {{ trim " x " }}.', 'aGk= X1 x.'],
    ['{{ replace facts.arch "_" "$&" }}', 'x86$&64'],
    ['{{ version "15.5" "minor" }}', 5],
    ['\\{{ raw }} {{{{raw}}}}{{ y }}{{{{/raw}}}}', '{{ raw }} {{ y }}'],
    ['{{! a remark }}x', 'x'],
    ['a\n{{#if facts.sp}}\n  b\n{{else}}\n  c\n{{/if}}\nd {{~ facts.sp ~}} e\n', 'a\n  b\nd5e\n'],
    ['[{{ hostile }}]', '[{{ host.name }} {{lookup . "constructor"}} \u001b[31m]'],
  ])('renders %j', (text, expected) => {
    expect(render(text)).toEqual(expected)
  })

  it.each([
    ["a function's argument", 'a {{ upper facts.mising }}', 'template/unknown-field', 16, 12],
    ['an if', '{{#if typo}}a{{/if}}', 'template/unknown-name', 11, 4],
    ['an else if', '{{#if reg}}a{{else if facts.typo}}b{{/if}}', 'template/unknown-field', 27, 10],
    ['an each', '{{#each typo}}a{{/each}}', 'template/unknown-name', 13, 4],
    ['a prototype', '{{ host.constructor }}', 'template/unknown-field', 8, 16],
    ['__proto__', '{{ facts.__proto__ }}', 'template/unknown-field', 8, 15],
    ['a field of a text', '{{ host.name.x }}', 'template/unknown-field', 8, 11],
    ["an item's field", '{{#each host.groups}}{{name}}{{/each}}', 'template/unknown-field', 28, 4],
    ['a register that comes later', '{{ soon.rc }}', 'template/not-set-yet', 8, 7],
    ['an unknown function', '{{ uper host.name }}', 'template/unknown-function', 8, 4],
    ['too few arguments', '{{ replace host.name facts.arch }}', 'template/arguments', 5, 34],
    ['a function without arguments', '{{ default }}', 'template/arguments', 5, 13],
    ['a partial', '{{> other }}', 'template/refused', 5, 12],
    ['a decorator', '{{* other }}', 'template/refused', 5, 12],
    ['a name that is not a block', '{{#users}}x{{/users}}', 'template/unknown-function', 8, 5],
    ['a list inside a text', 'a {{ host.groups }}', 'template/not-text', 7, 17],
    ['this at the outermost level', 'a {{ this }}', 'template/unknown-name', 10, 4],
    ['a filter', 'a {{ host.name | upper }}', 'template/syntax', 7, 23],
    ['an operator', '{{ facts.sp == 5 }}', 'template/syntax', 5, 19],
    ['braces that are not closed', 'a {{ host.name', 'template/syntax', 7, 12],
    ['Jinja', 'a {% if x %}b{% endif %}', 'template/syntax', 7, 5],
  ])('refuses %s before anything runs', (_, text, code, column, width) => {
    expect(faults(text)).toEqual([[code, column, width]])
  })

  it.each([
    ['a missing field', '{{ reg.typo }}', 'template/missing'],
    ['an outer name inside each', '{{#each users}}{{host.name}}{{/each}}', 'template/missing'],
    ["a prototype's field", '{{ reg.constructor }}', 'template/missing'],
    ["a list's method", '{{ users.map }}', 'template/missing'],
    ["lookup of a prototype's field", '{{ lookup reg "constructor" }}', 'template/arguments'],
    ['a field of a secret', '{{ token.name }}', 'template/unknown-field'],
    ['null inside a text', 'a {{ reg.none }}', 'template/not-text'],
    ['a map inside a text', 'a {{ reg.deep }}', 'template/not-text'],
    ['a list for upper', '{{ upper users }}', 'template/arguments'],
  ])('refuses %s when it is rendered', (_, text, code) => {
    let error: DiagnosticError | null = null
    try {
      render(text)
    } catch (thrown) {
      error = thrown as DiagnosticError
    }
    expect(error?.diagnostics).toMatchObject([
      { code, at: { file: 'f', line: 1 }, hint: expect.any(String) },
    ])
  })

  it('reads no prototype, whatever was put on it', () => {
    const polluted = Object.prototype as Record<string, unknown>
    polluted['polluted'] = 'x'
    try {
      expect(() => render('{{ reg.polluted }}')).toThrow(/polluted/)
    } finally {
      delete polluted['polluted']
    }
  })

  it('turns every text that touches a secret into a secret', () => {
    for (const [text, expected] of [
      ['{{ token }}', "s3'cret"],
      ['a {{ token }} b', "a s3'cret b"],
      ['{{ upper token }}', "S3'CRET"],
      ['x {{ quote token }}', "x 's3'\\''cret'"],
      ['{{ json token }}', '"s3\'cret"'],
      ['{{ b64 token }}', Buffer.from("s3'cret").toString('base64')],
    ] as const) {
      const value = render(text)
      expect(value).toBeInstanceOf(Secret)
      expect((value as Secret).equals(expected)).toBe(true)
      expect(JSON.stringify(value)).not.toContain('cret b')
    }
  })

  it('lets signals pass, and touches nothing that it does not show', () => {
    expect(() => render('a {{ reg.pending }}')).toThrow(NotYet)
    expect(() => render('{{ default reg.pending 1 }}')).toThrow(NotYet)
    expect(render('{{#if reg.none}}{{ reg.pending }}{{else}}x{{/if}}')).toBe('x')
  })

  it('says which names it reads', () => {
    const text = '{{ facts.sp }} {{#each users as |u|}}{{ u.name }} {{ @root.host.name }}{{/each}}'
    expect(compileTemplate(text, names, scalar(text)).computed.paths).toEqual([
      ['facts', 'sp'],
      ['users'],
      ['host', 'name'],
    ])
  })

  it('always makes text of a file', () => {
    const text = '{{ facts.sp }}'
    expect(compileTemplate(text, names, scalar(text), 'text').computed.evaluate(scope())).toBe('5')
  })

  it.each([
    ['nested loops', 'template/too-much', `${'{{#each wide}}'.repeat(6)}${'{{/each}}'.repeat(6)}`],
    [
      'a text that grows',
      'template/too-large',
      `${'{{#each wide}}'.repeat(3)}${'x'.repeat(4000)}${'{{/each}}'.repeat(3)}`,
    ],
    [
      'a replacement of replacements',
      'template/too-large',
      `{{ replace ${'(replace '.repeat(6)}"aaaaaaaaaa" ${`"a" "${'a'.repeat(40)}") `.repeat(6)} "a" "${'a'.repeat(40)}" }}`,
    ],
  ])('stops %s while it works', (_, code, text) => {
    const wide = Array.from({ length: 20 }, () => ({}))
    const seen = { ...names, known: new Map([...names.known, ['wide', anyShape] as const]) }
    // Inside of a loop the names of outside begin with @root.
    const whole = text.replaceAll('{{#each wide}}', '{{#each @root.wide}}')
    const { computed, diagnostics } = compileTemplate(whole, seen, scalar(whole), 'text')
    expect(diagnostics).toEqual([])
    let found: unknown
    try {
      computed.evaluate({ ...scope(), wide })
    } catch (error) {
      found = (error as DiagnosticError).diagnostics
    }
    expect(found).toMatchObject([{ code, at: { line: 1 }, hint: expect.any(String) }])
  })

  it('collects every mistake of a text', () => {
    expect(
      faults('{{ typo }} {{ facts.typo }} {{ host.name }} {{> x }}').map(
        (fault) => (fault as unknown[])[0],
      ),
    ).toEqual(['template/unknown-name', 'template/unknown-field', 'template/refused'])
  })
})
