import type { Value } from '../contract/value.ts'
import type { Note } from '../model/note.ts'
import type { LogRecord } from '../model/record.ts'

/** What stands in a log where a secret was, or where `no_log` hides a value. */
const hidden = /\(secret |\(hidden by no_log\)/

/** What each host registered in a run, the last value of each name. One of which the log hides a part is left out: it is not the value. */
export function registersIn(
  records: readonly (LogRecord | Note)[],
): ReadonlyMap<string, ReadonlyMap<string, Value>> {
  const hosts = new Map<string, Map<string, Value>>()
  for (const record of records) {
    if (record.type !== 'registered') continue
    const values = hosts.get(record.host) ?? new Map<string, Value>()
    hosts.set(record.host, values)
    if (hidden.test(JSON.stringify(record.value))) values.delete(record.name)
    else values.set(record.name, record.value)
  }
  return hosts
}
