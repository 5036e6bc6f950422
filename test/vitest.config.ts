/**
 * Two sets of tests: `rules` reads the source and is part of `npm run check`; `tests` runs the product. Each file of
 * `tests` has a process of its own, because real ports, timers and databases must not be shared.
 */
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: join(import.meta.dirname, '..'),
  test: {
    environment: 'node',
    pool: 'forks',
    testTimeout: 20_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
    allowOnly: false,
    projects: [
      { extends: true, test: { name: 'rules', include: ['test/rules/**/*.test.ts'], isolate: false } },
      {
        extends: true,
        test: { name: 'tests', include: ['test/**/*.test.ts'], exclude: ['test/rules/**'] },
      },
    ],
  },
});
