/** Outcomes survive the way through their stored columns, and each has a sentence. */
import { describe, expect, it } from 'vitest';
import {
  type Outcome,
  outcomeCode,
  outcomeFrom,
  outcomeSentence,
  REFUSAL_CODES,
  UNKNOWN_REASONS,
} from '../../src/domain/outcome.ts';
import { PROBLEMS } from '../../src/domain/problems.ts';

const EVERY: Outcome[] = [
  { kind: 'done' },
  { kind: 'expired' },
  { kind: 'failed', code: 'stopped' },
  ...REFUSAL_CODES.map((code): Outcome => ({ kind: 'refused', code })),
  ...UNKNOWN_REASONS.map((code): Outcome => ({ kind: 'unknown', code })),
];

describe('outcome', () => {
  it('is rebuilt from kind and code, each with a sentence of its own', () => {
    for (const outcome of EVERY) expect(outcomeFrom(outcome.kind, outcomeCode(outcome))).toEqual(outcome);
    expect(new Set(EVERY.map(outcomeSentence)).size).toBe(EVERY.length);
  });

  it('takes nothing else for an outcome', () => {
    expect(outcomeFrom('pending', null)).toBeUndefined();
    expect(outcomeFrom('refused', 'no_such_code')).toBeUndefined();
    expect(outcomeFrom('unknown', null)).toBeUndefined();
  });

  it('has a problem with an HTTP status for every refusal', () => {
    for (const code of REFUSAL_CODES) expect(PROBLEMS[code].status).toBeGreaterThanOrEqual(400);
  });
});
