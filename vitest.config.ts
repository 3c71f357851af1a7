import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['runner/**/*.test.ts', 'lab/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 30_000,
    pool: 'threads',
    // Two: the machines this runs on are small, and the lab's tests keep a core busy each.
    maxWorkers: 2,
  },
})
