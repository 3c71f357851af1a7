import { describe, expect, it } from 'vitest'
import { redact, Secret } from './secret.ts'
import { encodedForms } from './secret-encodings.ts'

const text = `it's "a" secret/with+all äöü`
new Secret('word', text)
new Secret('short', 'abcd')
new Secret('long', 'abcdefghij')
const key = `[client.kube]\n\tkey = AQBdS2hk7xNnABAAe4fO0gq1b2C3d4E5f6G7hw==\n`
new Secret('key', key)
const encoded = (value: string): string => Buffer.from(value).toString('base64')
const wrapped = (value: string, width: number, lineEnd: string): string =>
  value.match(new RegExp(`.{1,${width}}`, 'g'))!.join(lineEnd)

describe('what a host echoes of a secret', () => {
  it.each([
    ['as it is', text, 'said (secret word)!'],
    ['in JSON', JSON.stringify(text).slice(1, -1), 'said (secret word)!'],
    ['in quotes of a shell', text.replaceAll("'", "'\\''"), 'said (secret word)!'],
    ['in an address', encodeURIComponent(text), 'said (secret word)!'],
    ['that begins with another', 'abcdefghij', 'said (secret long)!'],
    ['that is a part of another', 'abcdefg', 'said (secret short)efg!'],
    [
      'of several lines, shown one by one',
      `[client.kube] / key = AQBdS2hk7xNnABAAe4fO0gq1b2C3d4E5f6G7hw==`,
      'said [client.kube] / (secret key)!',
    ],
    [
      'of several lines, one word of them',
      `AQBdS2hk7xNnABAAe4fO0gq1b2C3d4E5f6G7hw==`,
      'said (secret key)!',
    ],
  ])('is hidden %s', (_how, echoed, shown) => {
    expect(redact(`said ${echoed}!`)).toBe(shown)
  })

  it.each(['', 'a', 'ab', 'user:'])('is hidden in base64 behind %j', (before) => {
    for (const after of ['', '\n', ' and more']) {
      for (const form of [
        encoded(before + text + after),
        Buffer.from(before + text + after).toString('base64url'),
      ]) {
        const shown = redact(form)
        expect(shown).toContain('(secret word)')
        expect(shown.replace('(secret word)', '').length).toBeLessThan(
          before.length * 2 + after.length * 2 + 8,
        )
      }
    }
  })

  it('is found among ten thousand others without looking for each', () => {
    for (let i = 0; i < 10_000; i++) new Secret(`n${i}`, `canary-${i}-of-many`)
    expect(redact('canary-77-of-many canary-9999-of-many')).toBe('(secret n77) (secret n9999)')
  })
})

// As the programs themselves wrote them.
const strange = `p&ss <w>'"é/+~(x)! *`
new Secret('strange', strange)

describe('a secret that a program wrote in its own way', () => {
  it.each([
    ["Python's json.dumps", `p&ss <w>'\\"\\u00e9/+~(x)! *`],
    ["Go's json.Marshal", `p\\u0026ss \\u003cw\\u003e'\\"é/+~(x)! *`],
    ["PHP's json_encode", `p&ss <w>'\\"é\\/+~(x)! *`],
    [
      "System.Text.Json's default",
      `p\\u0026ss \\u003Cw\\u003E\\u0027\\u0022\\u00E9/\\u002B~(x)! *`,
    ],
    ["Python's html.escape", 'p&amp;ss &lt;w&gt;&#x27;&quot;é/+~(x)! *'],
    ["Go's html.EscapeString", 'p&amp;ss &lt;w&gt;&#39;&#34;é/+~(x)! *'],
    ["xml's quoteattr", 'p&amp;ss &lt;w&gt;&apos;&quot;é/+~(x)! *'],
    ['a text node', `p&amp;ss &lt;w&gt;'"é/+~(x)! *`],
    ["Python's quote", 'p%26ss%20%3Cw%3E%27%22%C3%A9/%2B~%28x%29%21%20%2A'],
    ["Python's quote_plus", 'p%26ss+%3Cw%3E%27%22%C3%A9%2F%2B~%28x%29%21+%2A'],
    ['an address with small digits', 'p%26ss%20%3cw%3e%27%22%c3%a9%2f%2b~%28x%29%21%20%2a'],
    ["Python's shlex.quote", `p&ss <w>'"'"'"é/+~(x)! *`],
    ['set -x', `p&ss <w>'\\''"é/+~(x)! *`],
    ["bash's printf %q", `p\\&ss\\ \\<w\\>\\'\\"é/+~\\(x\\)\\!\\ \\*`],
    ['xxd -p', '70267373203c773e2722c3a92f2b7e28782921202a'],
    ['xxd -p -u', '70267373203C773E2722C3A92F2B7E28782921202A'],
  ])('is hidden as %s has it', (_program, form) => {
    expect(redact(`a ${form} z`)).toBe('a (secret strange) z')
  })
})

const token =
  'eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJhZG1pbiJ9.c2lnbmF0dXJlLW9mLWl0-and-more-of-it'
new Secret('token', token)

describe('a secret that was broken into lines', () => {
  it.each(['', 'a', 'ab'])('is hidden in wrapped base64 behind %j', (before) => {
    for (const width of [60, 64, 76])
      for (const lineEnd of ['\n', '\r\n', '\n    ', '\\n']) {
        const shown = redact(`x: ${wrapped(encoded(`${before}${token}\n`), width, lineEnd)} end`)
        expect(shown).toMatch(/^x: .{0,4}\(secret token\).{0,4} end$/)
      }
  })

  it('is hidden in wrapped hex, behind fold, and with a carriage return inside', () => {
    const hex = Buffer.from(token).toString('hex')
    for (const form of [wrapped(hex, 60, '\n'), wrapped(token, 10, '\n'), wrapped(token, 30, '\r')])
      expect(redact(`<${form}>`)).toBe('<(secret token)>')
  })

  it('leaves what stands around it as it was', () => {
    expect(redact(`one\ntwo\r\n${wrapped(token, 40, '\n')}\n  three\nfour`)).toBe(
      'one\ntwo\r\n(secret token)\n  three\nfour',
    )
    expect(redact(`${wrapped(token, 9, '\n')}\n${wrapped(token, 11, '\n')}`)).toBe(
      '(secret token)\n(secret token)',
    )
  })
})

describe('a secret of several lines', () => {
  new Secret(
    'config',
    'user: admin7\npassword: hunter2pass\nurl: "https://db.example/a&b"\n-----BEGIN PRIVATE KEY-----\nab\n',
  )

  it.each([
    ['password: hunter2pass', '(secret config)'],
    ['hunter2pass', '(secret config)'],
    ['user: admin7\r\npassword: hunter2pass\r\n', '(secret config)\r\n(secret config)\r\n'],
    ['url: \\"https://db.example/a\\u0026b\\"', '(secret config)'],
    ['-----BEGIN PRIVATE KEY-----', '-----BEGIN PRIVATE KEY-----'],
    ['ab', 'ab'],
  ])('is hidden line by line: %j', (echoed, shown) => {
    expect(redact(`(${echoed})`)).toBe(`(${shown})`)
  })
})

describe('what is no secret', () => {
  it('is a line of a file that was made with one', () => {
    Secret.compose([
      'listen: 8080\nserver: a.example.org\npass: ',
      new Secret('inner', 'qwertz-77'),
      '\n',
    ])
    expect(redact('listen: 8080, server: a.example.org, pass: qwertz-77')).toBe(
      'listen: 8080, server: a.example.org, pass: (secret inner)',
    )
  })

  it('is a short word that a task with no_log read', () => {
    Secret.seen('state', 'active')
    Secret.seen('state', 'topsecret')
    expect(redact('active topsecret')).toBe('active (secret state)')
  })
})

describe('the table of secrets', () => {
  it('does not grow by what it knows, and finds in a large text quickly', () => {
    const many = Array.from(
      { length: 2000 },
      (_, i) => `key-${i}: ${'v'.repeat(8)}${i * 7919}`,
    ).join('\n')
    for (let i = 0; i < 200; i++) new Secret('many', many)
    const output = `${'x y z\n'.repeat(200_000)}key-1999: vvvvvvvv${1999 * 7919}`
    expect(redact(output)).toBe(`${'x y z\n'.repeat(200_000)}(secret many)`)
  })
})

describe('a secret of a megabyte', () => {
  it.each(['<', '"', "'", 'é', '\u0001', 'a b ', '&#'])(
    'of nothing but %j has a handful of forms, not fifty megabytes of them',
    (unit) => {
      const text = `begin ${unit.repeat((1 << 20) / unit.length)} end`
      const size = [...encodedForms(text)].reduce((sum, form) => sum + form.length, 0)
      expect(size).toBeLessThan(20 * text.length)
      expect(encodedForms(text).size).toBeLessThan(8)
    },
  )

  it('is hidden line by line, also in JSON', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `line "${i * 7919}" ${'x'.repeat(300)}`)
    new Secret('large', lines.join('\n'))
    expect(redact(`- ${lines[2999]} -`)).toBe('- (secret large) -')
    expect(redact(JSON.stringify({ a: lines[17] }))).toBe('{"a":"(secret large)"}')
  })
})

describe('a text that begins like many secrets at every letter', () => {
  it('is not shown to its end, for the search would have none', () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `${'q'.repeat(8 + i)}7`)
    new Secret('alike', lines.join('\n'))
    const shown = redact(`first, then ${'q'.repeat(1 << 20)}${lines[500]}`)
    expect(shown.replace(/q+/, 'q')).toBe(
      'first, then q(the rest is not shown: it is too much like a secret)',
    )
    expect(redact(`a ${lines[900]} z`)).toBe('a (secret alike) z')
  })

  it('shows no secret on several lines before it', () => {
    new Secret('alike', Array.from({ length: 1000 }, (_, i) => `${'q'.repeat(8 + i)}7`).join('\n'))
    const folded = wrapped('AQBdS2hk7xNnABAAe4fO0gq1b2C3d4E5f6G7hw==', 10, '\n')
    const shown = redact(`first ${folded}, then ${'q'.repeat(1 << 20)}`)
    expect(shown.replace(/q+/, 'q')).toBe(
      'first (secret key), then q(the rest is not shown: it is too much like a secret)',
    )
  })

  it('is shown where few letters must be compared', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `setting-${i}: ${'v'.repeat(i % 250)}${i}`)
    new Secret('settings', lines.join('\n'))
    const text = 'setting-setting-: v\n'.repeat(50_000)
    expect(redact(`${text}${lines[2999]}`)).toBe(`${text}(secret settings)`)
  })
})

describe('a password in an address', () => {
  it.each([
    ['GET http://user:PASS@host/x?a=b@c', 'GET http://user:(password hidden)@host/x?a=b@c'],
    [
      'clone https://git:t0ken@git.example.org:8443/a.git',
      'clone https://git:(password hidden)@git.example.org:8443/a.git',
    ],
    ['http://host:80/a@b', 'http://host:80/a@b'],
    ['ssh://git@host/a', 'ssh://git@host/a'],
  ])('is hidden, though no secret names it: %s', (text, shown) => {
    expect(redact(text)).toBe(shown)
  })
})
