/** The table of verbs: who may, what moves, under which word of the trade it is recorded. */
import { expect, it } from 'vitest';
import { isMotion, VERB_RULES, VERBS } from '../../src/domain/command.ts';

it('records each verb under an action of its own', () => {
  const actions = VERBS.map((verb) => VERB_RULES[verb].action);
  expect(new Set(actions).size).toBe(VERBS.length);
  expect(actions).toEqual(VERBS.map((verb) => `CLAW_${verb.toUpperCase()}`));
});

it('wants an operator for home and reset alone', () => {
  expect(VERBS.filter((verb) => VERB_RULES[verb].role !== 'player')).toEqual(['home', 'reset']);
});

it('knows what moves', () => {
  expect(isMotion({ verb: 'strike' })).toBe(true);
  for (const verb of ['stop', 'estop', 'reset'] as const) expect(isMotion({ verb })).toBe(false);
});
