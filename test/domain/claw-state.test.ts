/** States: the board's words lower-cased and the one of our own; what moves is among them. */
import { expect, it } from 'vitest';
import { CLAW_STATES, isClawState, MOVING_STATES } from '../../src/domain/claw-state.ts';

it('is a closed set', () => {
  expect(CLAW_STATES.every(isClawState)).toBe(true);
  expect(isClawState('IDLE')).toBe(false);
  expect(MOVING_STATES.every(isClawState)).toBe(true);
});

it('takes no state at rest for moving', () => {
  for (const state of ['idle', 'estop', 'fault', 'disabled', 'booting', 'link_lost'] as const) {
    expect(MOVING_STATES).not.toContain(state);
  }
});
