import { describe, expect, it } from 'vitest'
import { keepOf } from '../../text/keep-time.ts'
import { keepsByItself } from './keeping.ts'

describe('connections are kept by themselves', () => {
  const terminal = { isTerminal: true, isContainer: false }
  it.each<[string, boolean, Parameters<typeof keepsByItself>[0]]>([
    ['at a terminal', true, { env: {}, ...terminal }],
    ['not without one', false, { env: {}, isTerminal: false, isContainer: false }],
    ['not in CI', false, { env: { CI: 'true' }, ...terminal }],
    ['not in a job of Jenkins', false, { env: { JENKINS_URL: 'http://j' }, ...terminal }],
    ['where CI says false', true, { env: { CI: 'false' }, ...terminal }],
    ['not in a container', false, { env: {}, isTerminal: true, isContainer: true }],
    ['not in a pod', false, { env: { KUBERNETES_SERVICE_HOST: '10.0.0.1' }, isTerminal: true }],
    ['not in a container of systemd', false, { env: { container: 'lxc' }, isTerminal: true }],
  ])('%s', (_where, keeps, where) => expect(keepsByItself(where)).toBe(keeps))
})

describe('a time for which connections are kept', () => {
  it.each([
    ['60s', 60_000],
    ['10m', 600_000],
    ['24h', 86_400_000],
    ['0', 0],
    [0, 0],
    ['25h', 86_400_000],
    ['60', 60_000],
    [60, 60_000],
    [-1, null],
    ['-1s', null],
    [true, null],
    ['', null],
  ])('%j is %j', (written, meant) => expect(keepOf(written)).toBe(meant))
})
