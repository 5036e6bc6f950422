/**
 * Waits for the outcome of a command, on behalf of `Prefer: wait`. It ends with the outcome, with the time, with the
 * client or with the server, whichever comes first; the command itself goes on regardless.
 */
import type { Response } from 'express';
import type { Clock, CommandRecord } from '../domain/ports.ts';
import type { OpenRequests } from './open-requests.ts';

/** The record with its outcome, or null when something else ended the wait. */
export function settledWithin(
  settled: Promise<CommandRecord>,
  waitMs: number,
  res: Response,
  clock: Clock,
  open: OpenRequests,
): Promise<CommandRecord | null> {
  return new Promise((resolve) => {
    const undo: (() => void)[] = [];
    const finish = (record: CommandRecord | null): void => {
      for (const step of undo.splice(0)) step();
      resolve(record);
    };
    const giveUp = (): void => finish(null);
    res.once('close', giveUp);
    undo.push(() => res.off('close', giveUp));
    undo.push(clock.after(waitMs, giveUp));
    undo.push(open.add(giveUp));
    void settled.then(finish);
  });
}
