import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  createProtocolConnection,
  ExitNotification,
  InitializeRequest,
  ShutdownRequest,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver/node'
import { editorOf } from '../../runner/editor/editor.fixture.ts'

const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'trueup-lsp-'))
beforeAll(() => {
  expect(spawnSync(process.execPath, [join(root, 'tools/setup.mjs')]).status).toBe(0)
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it('trueup lsp answers an editor over standard input and output, and ends when it is told to', async () => {
  const program = spawn(process.execPath, [join(root, 'dist/bin/main.cjs'), 'lsp'], {
    cwd: folder,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => program.on('close', resolve))
  const client = createProtocolConnection(
    new StreamMessageReader(program.stdout),
    new StreamMessageWriter(program.stdin),
  )
  client.listen()
  await client.sendRequest(InitializeRequest.type, {
    processId: process.pid,
    rootUri: null,
    capabilities: {},
  })
  const editor = editorOf(client, folder, () => client.dispose())
  await editor.type(
    'p.yaml',
    'playbook: é — p\nplays:\n  - play: p\n    hosts: localhost\n    tasks:\n      - ensure: x\n        file: { path: /x, stat: absent, ¦ }\n',
  )
  const found = await editor.shown('p.yaml', (shown) => shown.length > 0)
  expect(found).toMatchObject([{ code: 'param/unknown', source: 'trueup' }])
  expect((await editor.offered()).map(({ label }) => label)).toContain('state')
  await client.sendRequest(ShutdownRequest.type)
  await client.sendNotification(ExitNotification.type)
  expect(await ended).toBe(0)
  editor.close()
})
