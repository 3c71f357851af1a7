import { writeSync } from 'node:fs'
import { basename } from 'node:path'
import type { Reporter, TestModule } from 'vitest/node'

/** Tells the process that started the tests, on its pipe, how many seconds each tier took: `{"ssh": 31.2}`. Tiers run side by side. */
export default function tiers(): Reporter {
  const seconds: Record<string, number> = {}
  return {
    onTestModuleEnd(module: TestModule) {
      const tier = tierOf(basename(module.moduleId))
      seconds[tier] = (seconds[tier] ?? 0) + module.diagnostic().duration / 1000
    },
    onTestRunEnd() {
      writeSync(3, `${JSON.stringify(seconds)}\n`)
    },
  }
}

function tierOf(file: string): string {
  if (file.startsWith('storage')) return 'Ceph'
  return /^(?:ssh|zypper)\b/.exec(file)?.[0] ?? 'node'
}
