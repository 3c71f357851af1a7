import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unpacking } from './unpacking.ts'

// What GNU's tools do is tried with archives in test/laws/types-on-a-host.test.ts. Those of BSD take other words: these stand in for them.

let dir = ''
beforeEach(() => {
  dir = mkdtempSync(`${tmpdir()}/unpacking-`)
  mkdirSync(`${dir}/bin`)
  tool(
    'stat',
    `[ "$1 $2" = '-f %i %l' ] || exit 64; shift 2; exec /usr/bin/env -i /usr/bin/stat -c '%i %h' "$@"`,
  )
  tool('mv', `case $1 in *T*) exit 64;; esac; exec /usr/bin/env -i /bin/mv "$@"`)
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

function tool(name: string, script: string): void {
  writeFileSync(`${dir}/bin/${name}`, `#!/bin/sh\n${script}\n`)
  chmodSync(`${dir}/bin/${name}`, 0o755)
}
function onBsd(call: string): { readonly status: number | null; readonly stderr: string } {
  const script = `St=Stat I=0 t=y w=.\n${unpacking['Inspect']}${unpacking['Place']}${call}`
  return spawnSync('sh', ['-c', script], {
    cwd: dir,
    env: { PATH: `${dir}/bin:/usr/bin:/bin` },
    encoding: 'utf8',
  })
}

describe('an archive on a host with the tools of BSD', () => {
  it('is not taken with a hard link to what lies outside', () => {
    mkdirSync(`${dir}/t`)
    writeFileSync(`${dir}/outside`, 'precious')
    linkSync(`${dir}/outside`, `${dir}/t/inside\n1 1`)
    expect(onBsd('Inspect a.tar')).toMatchObject({
      status: 1,
      stderr: 'a.tar links to what lies outside its folder; nothing was unpacked\n',
    })
  })

  it('is taken with names of one file, and put over what lies there', () => {
    mkdirSync(`${dir}/t`)
    writeFileSync(`${dir}/t/one`, 'new')
    linkSync(`${dir}/t/one`, `${dir}/t/two`)
    expect(onBsd('Inspect a.tar')).toMatchObject({ status: 0, stderr: '' })
    writeFileSync(`${dir}/one`, 'old')
    mkdirSync(`${dir}/elsewhere`)
    symlinkSync('elsewhere', `${dir}/two`)
    expect(onBsd(`y=${dir}/t; Put '' one ''; Put '' two ''`)).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect(readFileSync(`${dir}/one`, 'utf8')).toBe('new')
    expect(readFileSync(`${dir}/two`, 'utf8')).toBe('new')
  })
})
