/** Resets that wait: Z at its times, one answer for all, and never a latch that they were not about. */
import { describe, expect, it } from 'vitest';
import { type Cleared, LatchClearing } from '../../src/link/latch-clearing.ts';

const OLD = 'AAAAAAAA';

function asked(): { clearing: LatchClearing; told: Cleared[] } {
  const clearing = new LatchClearing();
  const told: Cleared[] = [];
  for (const untilMs of [1000, 1500]) clearing.ask(OLD, untilMs, (cleared) => told.push(cleared));
  return { clearing, told };
}

describe('latch clearing', () => {
  it('says Z at once and every 100 ms, as long as somebody waits', () => {
    const { clearing } = asked();
    const dueAtMs = [0, 50, 99, 100, 150, 200].filter((nowMs) => clearing.due(nowMs));
    expect(dueAtMs).toEqual([0, 100, 200]);
    clearing.settle(true);
    expect([clearing.active, clearing.due(900)]).toEqual([false, false]);
  });

  it('gives up each when its time is over', () => {
    const { clearing, told } = asked();
    clearing.expire(999);
    expect(told).toEqual([]);
    clearing.expire(1000);
    expect([told, clearing.active]).toEqual([[null], true]);
    clearing.expire(1500);
    expect([told, clearing.active]).toEqual([[null, null], false]);
  });

  it.each([
    [null, [true, true]],
    [OLD, []],
    ['BBBBBBBB', [null, null]],
  ])('in a new session with the challenge %s tells %j', (challenge, answers) => {
    const { clearing, told } = asked();
    clearing.welcomed(challenge);
    expect(told).toEqual(answers);
  });
});
