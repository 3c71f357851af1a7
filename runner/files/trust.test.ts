import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fileAccounts } from './accounts.ts'
import { distrust, type Trust } from './trust.ts'

const alice = 61_001
const me = process.getuid!()
let folder: string
let trust: Trust
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trueup-trust-'))
  chmodSync(folder, 0o755)
  const passwd = file(
    'passwd',
    `root:x:0:0::/:/bin/sh\nme:x:${me === 0 ? 61_009 : me}:61009::/:/bin/sh\nalice:x:${alice}:${alice}::/:/bin/sh\nbob:x:61002:61005::/:/bin/sh\n`,
  )
  const group = file(
    'group',
    `root:x:0:\nme:x:61009:\nalice:x:${alice}:\nadmins:x:61003:bob\nbob:x:61005:alice\n`,
  )
  trust = { user: me, groups: [], product: null, accounts: fileAccounts(passwd, group) }
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function file(name: string, text = 'x', mode = 0o644): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, mode)
  return path
}
function dir(name: string, mode = 0o755): string {
  const path = join(folder, name)
  mkdirSync(path)
  chmodSync(path, mode)
  return path
}

describe('what the acting user or root alone can write', () => {
  it('is trusted, below /tmp too', () => {
    expect(distrust(trust, 'the type', file('a'))).toBeNull()
    dir('shared', 0o1777)
    expect(distrust(trust, 'the type', file('shared/a'))).toBeNull()
    symlinkSync('shared/../a', join(folder, 'link'))
    expect(distrust(trust, 'the type', join(folder, 'link'))).toBeNull()
  })

  it('may be absent: then its folders are looked at', () => {
    expect(distrust(trust, 'the folder', join(folder, 'not', 'there'))).toBeNull()
    dir('open', 0o777)
    expect(distrust(trust, 'the folder', join(folder, 'open', 'there'))).not.toBeNull()
  })
})

describe('what others could have written', () => {
  it.runIf(me === 0)('is said with its owner, its mode and what to type', () => {
    const path = file('a', 'x', 0o666)
    expect(distrust(trust, 'the type', path)).toEqual({
      code: 'trust/others',
      message: `the type ${path} is not used: it belongs to root:root and has mode 0666, so others could have written it`,
      hint: `chmod o-w,g-w ${path}`,
    })
  })

  it.runIf(me === 0)('is a file of somebody else, even where root named it', () => {
    const path = file('a')
    chownSync(path, alice, alice)
    expect(distrust(trust, 'the plan', path)).toEqual({
      code: 'trust/others',
      message: `the plan ${path} is not used: it belongs to alice:alice and has mode 0644, so another user could have written it`,
      hint: `where you know what is in it: chown root ${path}; or run trueup as its owner, and let become do what needs root`,
    })
  })

  it.runIf(me === 0)('is whatever lies in a folder of somebody else', () => {
    const home = dir('home')
    const path = file('home/a')
    chownSync(home, alice, alice)
    expect(distrust(trust, 'the type', path)?.message).toContain(
      `the folder ${home} belongs to alice:alice and has mode 0755, so another user`,
    )
  })

  it('is whatever lies below a folder that others may write to', () => {
    dir('open', 0o777)
    dir('open/inner')
    const path = file('open/inner/a')
    expect(distrust(trust, 'the type', path)?.message).toContain('mode 0777, so others')
    chmodSync(join(folder, 'open'), 0o1777)
    expect(distrust(trust, 'the type', path)).toBeNull()
  })

  it('is a folder to keep things in that is shared, although a file of mine in it is mine', () => {
    expect(distrust(trust, 'the state folder', dir('open', 0o1777))).not.toBeNull()
  })

  it.runIf(me === 0)('is what a link of somebody else leads to, in a shared folder', () => {
    dir('shared', 0o1777)
    const path = join(folder, 'shared', 'link')
    symlinkSync(file('a'), path)
    expect(distrust(trust, 'the type', path)).toBeNull()
    lchownSync(path, alice, alice)
    expect(distrust(trust, 'the type', path)).toMatchObject({
      message: expect.stringContaining('belongs to alice'),
      hint: expect.stringContaining(`chown -h root ${path}`),
    })
  })

  it('is what a link leads to through a folder that others may write to', () => {
    dir('open', 0o777)
    file('open/a')
    symlinkSync('open/a', join(folder, 'link'))
    expect(distrust(trust, 'the type', join(folder, 'link'))?.message).toContain('mode 0777')
  })

  it('is a second name of a file, in a shared folder', () => {
    dir('shared', 0o1777)
    linkSync(file('a'), join(folder, 'shared', 'b'))
    expect(distrust(trust, 'the type', join(folder, 'a'))).toBeNull()
    expect(distrust(trust, 'the type', join(folder, 'shared', 'b'))).toMatchObject({
      hint: expect.stringContaining('copy it to a folder'),
    })
  })
})

describe.runIf(me === 0)('a group that may write', () => {
  const groupFile = (owner: number, group: number): string => {
    const path = file('g', 'x', 0o664)
    chownSync(path, owner, group)
    return path
  }

  it('is trusted where it is the private one of the owner', () => {
    const of = { ...trust, user: alice }
    expect(distrust(of, 'the type', groupFile(alice, alice))).toBeNull()
    expect(distrust(trust, 'the type', groupFile(0, 0))).toBeNull()
  })

  it('is not trusted where it has another name, another member, or is the group of another user', () => {
    expect(distrust(trust, 'the type', groupFile(0, 61_003))?.hint).toMatch(
      /^chmod g-w .*, or name its group under trusted_groups in \/etc\/trueup\/config.yaml$/,
    )
    const bob = { ...trust, user: 61_002 }
    expect(distrust(bob, 'the type', groupFile(61_002, 61_005))).not.toBeNull()
  })

  it('is trusted where the configuration names it, by name or number', () => {
    const path = groupFile(0, 61_003)
    for (const groups of [['admins'], ['61003']])
      expect(distrust({ ...trust, groups }, 'the type', path)).toBeNull()
  })
})

describe.runIf(me === 0)("the program's own folder", () => {
  it('is as good as the program, whoever owns it and what lies above it', () => {
    const home = dir('home', 0o777)
    dir('home/trueup')
    const path = file('home/trueup/a')
    const other = file('home/b')
    for (const each of [home, join(home, 'trueup'), path]) chownSync(each, alice, alice)
    const product = { folder: join(home, 'trueup'), owner: alice }
    expect(distrust({ ...trust, product }, 'the type', path)).toBeNull()
    expect(distrust(trust, 'the type', path)).not.toBeNull()
    expect(distrust({ ...trust, product }, 'the type', other)).not.toBeNull()
    expect(distrust({ ...trust, product }, 'the type', `${home}/trueup/../b`)).not.toBeNull()
    chmodSync(path, 0o666)
    expect(distrust({ ...trust, product }, 'the type', path)).not.toBeNull()
  })
})
