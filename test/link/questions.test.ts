/** Open questions: each in its turn, each settled, an answer to nothing asked ignored. */
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/domain/outcome.ts';
import { OpenQuestions } from '../../src/link/questions.ts';

const slot = (seq: number) => ({ session: '00001000', seq });
const DONE: Outcome = { kind: 'done' };

function asked(...seqs: readonly number[]): { questions: OpenQuestions; told: [number, Outcome][] } {
  const questions = new OpenQuestions();
  const told: [number, Outcome][] = [];
  for (const seq of seqs) questions.ask(slot(seq), (outcome) => told.push([seq, outcome]));
  return { questions, told };
}

describe('open questions', () => {
  it('come up in turn', () => {
    const { questions } = asked(1, 2, 3);
    expect([1, 2, 3, 4].map(() => questions.next()?.seq)).toEqual([1, 2, 3, 1]);
    expect(questions.size).toBe(3);
    expect(new OpenQuestions().next()).toBeUndefined();
  });

  it('about one slot are answered together, and no others', () => {
    const { questions, told } = asked(1, 2, 1);
    expect(questions.answer(slot(1), DONE)).toBe(true);
    expect(questions.answer(slot(1), { kind: 'expired' })).toBe(false);
    expect(questions.answer({ session: '00001001', seq: 2 }, DONE)).toBe(false);
    expect(told).toEqual([
      [1, DONE],
      [1, DONE],
    ]);
    expect(questions.size).toBe(1);
  });

  it('are all settled at the end', () => {
    const { questions, told } = asked(1, 2);
    questions.settleAll({ kind: 'unknown', code: 'gateway_restarted' });
    expect(told.map(([seq]) => seq)).toEqual([1, 2]);
    expect(questions.size).toBe(0);
  });
});
