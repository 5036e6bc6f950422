/** Names of stops: each stands for its stop as long as that is the same one, and there is a bound. */
import { expect, it } from 'vitest';
import { type PressedStop, StopKeys } from '../../src/control/stop-keys.ts';
import type { CommandRecord } from '../../src/domain/ports.ts';

function stops() {
  let pressed = 0;
  const state = { holds: true };
  const keys = new StopKeys((stop) => stop.holds());
  const press = (): PressedStop => {
    pressed += 1;
    const record = { id: `stop-${pressed}` } as CommandRecord;
    return {
      submission: { kind: 'accepted', record, settled: Promise.resolve(record) },
      holds: () => state.holds,
      isWritten: () => true,
    };
  };
  const once = (...name: (string | null)[]) => keys.once(name, press);
  return { state, once, count: () => pressed };
}

it('makes one stop while it is the same, and another one afterwards', () => {
  const { state, once, count } = stops();
  const first = once('u', 'k');
  expect(once('u', 'k')).toBe(first);
  state.holds = false;
  expect(once('u', 'k')).not.toBe(first);
  expect(count()).toBe(2);
});

it('takes no name for another', () => {
  const { once, count } = stops();
  for (const name of [['u', 'k'], ['uk'], ['u', 'k', ''], [null, 'k'], ['null', 'k'], ['u","k']])
    once(...name);
  expect(count()).toBe(6);
});

it('forgets the oldest where there are too many', () => {
  const { once, count } = stops();
  for (let index = 0; index < 257; index += 1) once(`k${index}`);
  once('k1');
  expect(count()).toBe(257);
  once('k0');
  expect(count()).toBe(258);
});
