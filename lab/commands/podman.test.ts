import { afterEach, expect, it } from 'vitest'
import { bench, closeBench } from '../node/node-bench.fixture.ts'

afterEach(closeBench)

it('lists containers in the format that is asked for', async () => {
  const node = await bench({ imagePackages: ['podman'] })
  await node.run('podman run --detach --name ims-1 localhost/ims-remote-1:1.0.0', { user: 'root' })
  const listed = await node.run(
    "podman ps --all --no-trunc --format '{{.ID}} {{.Pid}} {{.State}} {{.Names}}'",
    { user: 'root' },
  )
  expect(listed).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/^[0-9a-f]+ [1-9][0-9]* Up 2 minutes ago ims-1\n$/) as string,
  })
  expect(
    await node.run('podman rm --force ims-1; podman ps --all --format={{.Names}}', {
      user: 'root',
    }),
  ).toMatchObject({ stdout: 'ims-1\n' })
})
