import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ['**/*.real.ts'],
    globalSetup: 'packages-local.ts',
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'threads',
    // More than there are processors: a good part of it waits, for a lock that is held or a node that is gone.
    maxWorkers: 3,
  },
})
