import { describe, expect, it } from 'vitest'
import { raiseLab } from '../lab.ts'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

describe('kubectl get --output yaml', () => {
  it('writes a text with lines as a block', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kubectl-'))
    const lab = await raiseLab({ folder: join(folder, 'lab') })
    const { stdout } = await lab.nodes
      .get('ncn-m001')!
      .run('kubectl get configmap -n services cray-ims-remote-keys -o yaml', { user: 'root' })
    expect(stdout).toMatch(/\n {2}public_key: \|\n {4}ecdsa-sha2-nistp384 \S+\nkind: ConfigMap\n/)
    expect(stdout).toContain('  private_key: |\n    -----BEGIN EC PRIVATE KEY-----\n')
    await lab.close()
    rmSync(folder, { recursive: true, force: true })
  })
})
