import { describe, expect, it } from 'vitest'
import { parseFault } from './faults.ts'

const nodes = ['ncn-m001', 'x3000c0s19b1n0']
const read = (line: string) => parseFault(line.split(' '), nodes)

describe('a fault as it is typed', () => {
  it.each([
    ['clear', { on: 'nothing' }],
    ['rotate-ims-keys', { on: 'ims-keys' }],
    ['expire-tokens 3', { on: 'service', fault: { kind: 'expire-tokens-after', times: 4 } }],
    ['cfs-session false', { on: 'service', fault: { kind: 'cfs-session', ends: 'false' } }],
    [
      'cfs-session never 1',
      { on: 'service', fault: { kind: 'cfs-session', ends: 'never', times: 1 } },
    ],
    ['bos-no-nodes 2', { on: 'service', fault: { kind: 'bos-no-nodes', times: 2 } }],
    ['lock-race', { on: 'service', fault: { kind: 'lock-race' } }],
    ['catalog many-versions', { on: 'catalog', fault: 'many-versions' }],
    ['duplicate-images', { on: 'duplicate-images' }],
    ['x3000c0s19b1n0 orphan', { on: 'orphan', node: 'x3000c0s19b1n0' }],
    ['x3000c0s19b1n0 no-boot', { on: 'node', node: 'x3000c0s19b1n0', fault: { kind: 'no-boot' } }],
    ['expire-tokens', { on: 'gateway', fault: { kind: 'expire-tokens' } }],
    ['unavailable /apis/ims', { on: 'gateway', fault: { kind: 'unavailable', path: '/apis/ims' } }],
    [
      'unavailable /apis/ims 2',
      { on: 'gateway', fault: { kind: 'unavailable', path: '/apis/ims', times: 2 } },
    ],
    [
      'slow /apis/ims 1m30s',
      { on: 'gateway', fault: { kind: 'slow', path: '/apis/ims', seconds: 90 } },
    ],
    ['x3000c0s19b1n0 off', { on: 'power', node: 'x3000c0s19b1n0', power: 'off' }],
    [
      'x3000c0s19b1n0 slow 500ms',
      { on: 'node', node: 'x3000c0s19b1n0', fault: { kind: 'slow', milliseconds: 500 } },
    ],
    [
      'x3000c0s19b1n0 drop-in-command',
      { on: 'node', node: 'x3000c0s19b1n0', fault: { kind: 'drop-in-command', times: 1 } },
    ],
    [
      'x3000c0s19b1n0 sudo user',
      { on: 'node', node: 'x3000c0s19b1n0', fault: { kind: 'sudo', refuses: 'user' } },
    ],
    [
      'ncn-m001 noisy-login good day',
      { on: 'node', node: 'ncn-m001', fault: { kind: 'noisy-login', text: 'good day' } },
    ],
    [
      'ncn-m001 repository-dead',
      { on: 'node', node: 'ncn-m001', fault: { kind: 'repository-dead' } },
    ],
  ])('%s', (line, fault) => {
    expect(read(line)).toEqual(fault)
  })

  it.each([
    '',
    'nothing',
    'x1c0s0b0n0 off',
    'x3000c0s19b1n0',
    'x3000c0s19b1n0 explode',
    'slow /apis/ims',
    'slow /apis/ims 30',
    'unavailable /apis/ims -1',
    'ncn-m001 sudo',
    'cfs-session maybe',
    'cfs-session',
    'catalog',
    'bos-no-nodes many',
    'expire-tokens soon',
  ])('is refused with the ways to write one: %s', (line) => {
    expect(() => read(line)).toThrow(
      expect.objectContaining({
        diagnostics: [
          expect.objectContaining({
            code: 'lab/fault',
            hint: expect.stringContaining('expire-tokens'),
          }),
        ],
      }),
    )
  })
})
