/** The table of problems: statuses that fit, sentences that end, codes that stay. */
import { expect, it } from 'vitest';
import { REFUSAL_CODES } from '../../src/domain/outcome.ts';
import { PROBLEMS, refusalProblem } from '../../src/domain/problems.ts';

it('has a fitting status and a whole sentence for every code', () => {
  for (const [code, { status, title }] of Object.entries(PROBLEMS)) {
    expect(code).toMatch(/^[a-z][a-z_]*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(title).toMatch(/^[A-Z].*\.$/);
  }
});

it('lets only what can change be tried again', () => {
  const retryable = Object.values(PROBLEMS).filter(({ mayRetry }) => mayRetry);
  for (const { status } of retryable) expect([408, 409, 429, 500, 503]).toContain(status);
});

it('has one for every refusal', () => {
  for (const code of REFUSAL_CODES) expect(PROBLEMS[refusalProblem(code)]).toBeDefined();
});
