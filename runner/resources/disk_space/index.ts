import { compilePattern } from '../../text/pattern.ts'
import { Matcher } from '../../contract/matcher.ts'
import { ask } from '../../contract/probe.ts'
import { defineResource } from '../../contract/resource.ts'
import { unclear } from '../unclear.ts'

// A device and a folder may hold blanks, so only a search can tell the columns apart: in linear time.
const rowOfDf = '^(.+?)\\s+(\\d+)\\s+(-?\\d+)\\s+(-?\\d+)\\s+(\\d+|-)%?\\s+(/.*)$'

/** The file system that a path lies on has room. */
export const diskSpace = defineResource({
  name: 'disk_space',
  summary: 'The file system that a path lies on has room.',
  source: 'df(1)',
  params: {
    type: 'object',
    required: ['path'],
    properties: {
      path: {
        type: 'string',
        format: 'path',
        identity: true,
        pattern: '^/',
        description: 'A path on the file system.',
      },
      free: {
        type: 'string',
        format: 'size',
        matcher: true,
        description: 'Room that a user may still take. A bare size means at least so much.',
        examples: ['50G'],
      },
      size: {
        type: 'string',
        format: 'size',
        matcher: true,
        description: 'Size of the file system. A bare size means at least so much.',
      },
    },
  },
  state: {
    free: { type: 'integer', format: 'size', description: 'Bytes that a user may still take.' },
    size: { type: 'integer', format: 'size', description: 'Bytes in all.' },
    used_percent: {
      type: 'integer',
      information: true,
      description: 'How full it is, in percent.',
    },
    device: { type: 'string', information: true, description: 'What it lies on.' },
    mounted_on: { type: 'string', information: true, description: 'Where it is mounted.' },
  },
  probe: ({ path }) => ({ df: ask(['df', '-P', '-k', path]) }),
  observe: ({ df }) => {
    const row = compilePattern(rowOfDf, { multiline: true }).find(df.stdout)
    if (!row) return unclear('df gives no line for a file system', 'look at it with `df -P -k`')
    const [device, size, , free, percent, mountedOn] = row.groups
    return {
      free: Number(free) * 1024,
      size: Number(size) * 1024,
      used_percent: percent === '-' ? null : Number(percent),
      device: device!,
      mounted_on: mountedOn!,
    }
  },
  desire: ({ free, size }) => ({ free: atLeast(free), size: atLeast(size) }),
})

function atLeast(wanted: number | Matcher | undefined): Matcher | undefined {
  return typeof wanted === 'number' ? new Matcher('at_least', wanted, 'size') : wanted
}
