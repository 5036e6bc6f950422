/** Keys of stops: a stop stands while it holds, each person has own keys, and there is a bound. */
import { expect, it } from 'vitest';
import { type PressedStop, StopKeys } from '../../src/control/stop-keys.ts';
import type { CommandRecord } from '../../src/domain/ports.ts';

function stops() {
  let pressed = 0;
  const state = { holds: true };
  const press = (): PressedStop => {
    pressed += 1;
    const record = { id: `stop-${pressed}` } as CommandRecord;
    return {
      submission: { kind: 'accepted', record, settled: Promise.resolve(record) },
      holds: () => state.holds,
    };
  };
  return { state, press, count: () => pressed };
}

it('presses once while the stop holds, and again afterwards', () => {
  const keys = new StopKeys();
  const { state, press, count } = stops();
  const first = keys.once('u', 'k', 'f', press);
  expect(keys.once('u', 'k', 'f', press)).toBe(first);
  state.holds = false;
  expect(keys.once('u', 'k', 'f', press)).not.toBe(first);
  expect(count()).toBe(2);
});

it('presses for another person, key or claw', () => {
  const keys = new StopKeys();
  const { press, count } = stops();
  keys.once('u', 'k', 'f', press);
  keys.once('v', 'k', 'f', press);
  keys.once('u', 'l', 'f', press);
  keys.once('u', 'k', 'g', press);
  expect(count()).toBe(4);
});

it('forgets the oldest where there are too many', () => {
  const keys = new StopKeys();
  const { press, count } = stops();
  for (let index = 0; index < 257; index += 1) keys.once('u', `k${index}`, 'f', press);
  keys.once('u', 'k1', 'f', press);
  expect(count()).toBe(257);
  keys.once('u', 'k0', 'f', press);
  expect(count()).toBe(258);
});
