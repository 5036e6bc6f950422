/** The ways a wait ends, and that each leaves nothing behind. */
import { EventEmitter } from 'node:events';
import type { Response } from 'express';
import { describe, expect, it } from 'vitest';
import type { CommandRecord } from '../../src/domain/ports.ts';
import { OpenRequests } from '../../src/http/open-requests.ts';
import { settledWithin } from '../../src/http/settled.ts';
import { ManualClock } from './support.ts';

const RECORD = { id: 'a', status: 'done' } as CommandRecord;

function waiting(open = new OpenRequests()) {
  const { promise, resolve } = Promise.withResolvers<CommandRecord>();
  // Only the event of a response plays a part here.
  const res = new EventEmitter() as unknown as Response;
  const clock = new ManualClock();
  return {
    settle: () => resolve(RECORD),
    res,
    clock,
    open,
    result: settledWithin(promise, 1000, res, clock, open),
  };
}

describe('a wait', () => {
  it.each([
    ['the outcome', (w: ReturnType<typeof waiting>) => w.settle(), RECORD],
    ['the time', (w: ReturnType<typeof waiting>) => w.clock.advance(1000), null],
    ['the client', (w: ReturnType<typeof waiting>) => w.res.emit('close'), null],
    ['the server', (w: ReturnType<typeof waiting>) => w.open.closeAll(), null],
  ])('ends with %s', async (_what, end, expected) => {
    const wait = waiting();
    end(wait);
    expect(await wait.result).toBe(expected);
    expect(wait.clock.pendingMs()).toEqual([]);
    expect(wait.res.listenerCount('close')).toBe(0);
    expect(wait.open.size).toBe(0);
  });

  it('does not begin once the server closes', async () => {
    const open = new OpenRequests();
    open.closeAll();
    expect(await waiting(open).result).toBeNull();
  });
});
