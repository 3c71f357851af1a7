import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['runner/**/*.test.ts', 'lab/**/*.test.ts', 'test/**/*.test.ts'],
    // What a hang costs, and no measure of anything: a test that is merely slow, on a machine with other work, passes.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
    pool: 'threads',
    // One more than a small machine has cores: a third of the time goes to waiting for processes, clocks and locks.
    maxWorkers: 3,
    // Tests that are marked as concurrent do little but wait.
    maxConcurrency: 20,
  },
})
