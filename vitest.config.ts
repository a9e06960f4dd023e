import { defineConfig } from 'vitest/config';
import type { Reporter, TestModule } from 'vitest/node';

/** Ends the output with one plain line that any reader of logs understands. */
const totals: Reporter = {
  onTestRunEnd(modules: readonly TestModule[]) {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const failedModules = modules.filter((module) => module.errors().length > 0).length;
    const count = (state: string) => states.filter((each) => each === state).length;
    console.log(`${count('passed')} passed, ${count('failed') + failedModules} failed`);
  },
};

export default defineConfig({
  test: {
    include: ['{core,sim,viz,bench,docs}/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['sim/testing/seed.setup.ts'],
    // All of them; left alone, one is kept for whoever watches.
    maxWorkers: '100%',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ['default', totals],
  },
});
