/** One command's exchange as a table: repeats at their times, answers as PROTOCOL.md reads them, silence is no outcome. */
import { describe, expect, it } from 'vitest';
import {
  beginExchange,
  type ExchangeInput,
  type ExchangeState,
  outcomeOfTold,
  stepExchange,
} from '../../src/link/exchange.ts';

/** Feeds inputs at their times and returns the state with the times at which the bytes were sent again. */
function run(inputs: readonly [atMs: number, input: ExchangeInput][]): {
  state: ExchangeState;
  resentAtMs: number[];
} {
  let state = beginExchange(0);
  const resentAtMs: number[] = [];
  for (const [atMs, input] of inputs) {
    const step = stepExchange(state, input, atMs);
    state = step.state;
    if (step.resend) resentAtMs.push(atMs);
  }
  return { state, resentAtMs };
}

const ticks = (untilMs: number, fromMs = 0): [number, ExchangeInput][] =>
  Array.from({ length: (untilMs - fromMs) / 10 }, (_, index) => [
    fromMs + (index + 1) * 10,
    { kind: 'time' },
  ]);

describe('exchange', () => {
  it('repeats the same bytes after 50, 100 and 200 ms, then asks', () => {
    const { state, resentAtMs } = run(ticks(1000));
    expect(resentAtMs).toEqual([50, 150, 350]);
    expect(state).toEqual({ kind: 'lost' });
  });

  it('never takes silence or a refused line for an outcome', () => {
    expect(run([[5, { kind: 'line-refused' }]]).state).toEqual({ kind: 'lost' });
    expect(run([...ticks(20), [21, { kind: 'accepted' }], ...ticks(60_000, 30)]).state).toEqual({
      kind: 'lost',
    });
  });

  it('polls an accepted command, because a lost D is only answered to a repeat', () => {
    const { state, resentAtMs } = run([[5, { kind: 'accepted' }], ...ticks(1000)]);
    expect(state.kind).toBe('accepted');
    expect(resentAtMs).toEqual([310, 610, 910]);
  });

  it.each([
    [{ kind: 'ended', code: 'OK' }, { kind: 'done' }],
    [{ kind: 'ended', code: 'RENEWED' }, { kind: 'done' }],
    [
      { kind: 'ended', code: 'STOPPED' },
      { kind: 'failed', code: 'stopped' },
    ],
    [{ kind: 'rejected', code: 'EXPIRED' }, { kind: 'expired' }],
    [
      { kind: 'rejected', code: 'NOT_HOMED' },
      { kind: 'refused', code: 'not_homed' },
    ],
    [
      { kind: 'rejected', code: 'SOMETHING_NEW' },
      { kind: 'refused', code: 'refused_by_board' },
    ],
  ] as const)('%j settles as %j, once, whatever follows', (input, outcome) => {
    const settled = { kind: 'settled', outcome };
    expect(run([[5, input]]).state).toEqual(settled);
    expect(
      run([[5, { kind: 'accepted' }], [9, input], [12, { kind: 'line-refused' }], ...ticks(60_000)]).state,
    ).toEqual(settled);
  });

  it('reads what a board tells of an earlier command', () => {
    expect(outcomeOfTold({ kind: 'OK' })).toEqual({ kind: 'done' });
    expect(outcomeOfTold({ kind: 'PART', code: 'RESET' })).toEqual({ kind: 'failed', code: 'reset' });
    expect(outcomeOfTold({ kind: 'PART', code: 'RENEWED' })).toEqual({ kind: 'done' });
    expect(outcomeOfTold({ kind: 'REJ', code: 'LIMIT' })).toEqual({ kind: 'refused', code: 'limit' });
    expect(outcomeOfTold({ kind: 'NEVER' })).toEqual({ kind: 'refused', code: 'never_sent' });
    expect(outcomeOfTold({ kind: 'FORGOT' })).toEqual({ kind: 'unknown', code: 'forgotten_by_board' });
  });
});
