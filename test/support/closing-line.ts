/**
 * A vitest reporter that ends a run with the plain line `N passed, N failed[, N skipped]`, for programs that read the
 * log. A file that could not be loaded and an error outside of any test count as failed, as they do for the exit code.
 */
import type { Reporter, TestModule } from 'vitest/node';

/** Counted results of one run. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The closing line of a run. */
export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function tallyModules(modules: readonly TestModule[], strayErrors: number): Tally {
  const tally = { passed: 0, failed: strayErrors, skipped: 0 };
  for (const module of modules) {
    let failedTests = 0;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'passed') tally.passed += 1;
      else if (state === 'failed') failedTests += 1;
      else tally.skipped += 1;
    }
    tally.failed += module.state() === 'failed' ? Math.max(failedTests, 1) : failedTests;
  }
  return tally;
}

/** Prints the closing line after the other reporters' summaries. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const line = closingLine(tallyModules(modules, errors.length));
    // The default reporter prints its summary at this same moment; the line must stand below it.
    setImmediate(() => process.stdout.write(`\n${line}\n`));
  }
}
