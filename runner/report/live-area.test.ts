import { PassThrough } from 'node:stream'
import { expect, it } from 'vitest'
import { createLiveArea } from './live-area.ts'

it('draws where warnings go to the same stream', () => {
  const stream = new PassThrough() as unknown as NodeJS.WriteStream & PassThrough
  const area = createLiveArea(stream, [stream])
  area.draw(['half done'])
  area.settle(['done'])
  area.close()
  expect(String((stream as PassThrough).read())).toContain('done\n')
})
