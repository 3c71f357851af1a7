import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['runner/**/*.test.ts', 'lab/**/*.test.ts', 'test/**/*.test.ts'],
    // What a hang costs, and no measure of anything: a test that is merely slow, on a machine with other work, passes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    pool: 'threads',
    // Two: the machines this runs on are small, and the lab's tests keep a core busy each.
    maxWorkers: 2,
    // Tests that are marked as concurrent do little but wait.
    maxConcurrency: 20,
  },
})
