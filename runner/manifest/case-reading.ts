import type { Answered, Probe, ReadFault } from '../contract/probe.ts'
import { Secret } from '../contract/secret.ts'
import { isMap, type Value, type ValueMap } from '../contract/value.ts'

/** An answer as a case writes it: what is left out has its plainest value, and `failed: denied` is a failed read. */
export type CaseReading = ValueMap

const plainest: Readonly<Record<Probe['read'], ValueMap>> = {
  stat: {
    exists: true,
    kind: 'file',
    mode: '0644',
    owner: 'root',
    group: 'root',
    uid: 0,
    gid: 0,
    size: 0,
    device: 64769,
    inode: 4711,
  },
  text: { exists: true, text: '' },
  sha256: { exists: true },
  exec: { exit: 0, stdout: '', stderr: '' },
  http: { status: 200 },
}

/** The answer that a probe gets in a case, by the probe's own rules: an exit or a status that it does not list is a failed read. */
export function answerOf(probe: Probe, reading: CaseReading): Answered {
  if (typeof reading['failed'] === 'string')
    return failed(reading['failed'] as ReadFault, `the case says ${reading['failed']}`)
  if (reading['exists'] === false) return { exists: false }
  const full = { ...plainest[probe.read], ...reading }
  if (probe.read === 'exec' && probe.exits !== 'any' && !probe.exits.includes(Number(full['exit'])))
    return failed('exit', `exit ${String(full['exit'])}`)
  if (
    probe.read === 'http' &&
    probe.statuses !== 'any' &&
    !probe.statuses.includes(Number(full['status']))
  )
    return failed('status', `status ${String(full['status'])}`)
  return concealed(probe, probe.read === 'http' ? withBody(full) : full) as unknown as Answered
}

/** The output of an action as a case writes it. */
export function outputOf(reading: CaseReading): ValueMap {
  return 'status' in reading ? withBody(reading) : { ...plainest.exec, ...reading }
}

/** The texts of an answer that must never be shown: those of a probe that is marked `secret`. */
export function secretsOf(probe: Probe, reading: CaseReading): readonly string[] {
  if (probe.secret === undefined) return []
  return [reading['text'], reading['stdout'], reading['body']].filter(
    (text) => typeof text === 'string',
  )
}

/** The value with nothing in it that can be written to. */
export function frozen<T>(value: T): T {
  if (Array.isArray(value) || isMap(value))
    for (const held of Object.values(value as object)) frozen(held)
  return Object.freeze(value)
}

function failed(code: ReadFault, message: string): Answered {
  return { failed: { code, message } }
}

function withBody(reading: ValueMap): ValueMap {
  if ('body' in reading) return reading
  return 'json' in reading
    ? { ...reading, body: JSON.stringify(reading['json']) }
    : { ...reading, body: '' }
}

function concealed(probe: Probe, reading: ValueMap): ValueMap {
  const { secret } = probe
  if (secret === undefined) return reading
  const hide = (name: string, value: Value): Value =>
    (name === 'text' || name === 'stdout' || name === 'body') && typeof value === 'string'
      ? new Secret(secret, value)
      : value
  return Object.fromEntries(
    Object.entries(reading).flatMap(([name, value]) =>
      name === 'json' ? [] : [[name, hide(name, value)]],
    ),
  )
}
