/** The commands of one session: numbers in a row, one unanswered, what overtakes a reservation, what is left at the end. */
import { describe, expect, it } from 'vitest';
import type { Order } from '../../firmware-protocol/codec.ts';
import type { Outcome } from '../../src/domain/outcome.ts';
import { OpenQuestions } from '../../src/link/questions.ts';
import { SessionCommands } from '../../src/link/session-commands.ts';

const SESSION = '00001000';
const order = (verb: Order['verb'], args: readonly number[] = []): Order => ({
  verb,
  args,
  deadlineMs: 1000,
});
const slot = (seq: number) => ({ session: SESSION, seq });

function session() {
  const written: string[] = [];
  const line = { takes: true };
  let resends = 0;
  const commands = new SessionCommands(
    SESSION,
    (frame) => {
      if (line.takes) written.push(frame);
      return line.takes;
    },
    () => {
      resends += 1;
    },
  );
  const start = (verb: Order['verb'], args?: readonly number[]): Promise<Outcome> => {
    const reservation = commands.reserve(verb === 'JOG');
    if (reservation === null || !commands.redeem(reservation)) throw new Error('not free');
    const outcome = commands.send(reservation.slot, order(verb, args), `id-${reservation.slot.seq}`, 0);
    if (outcome === null) throw new Error('not taken');
    return outcome;
  };
  return { commands, written, line, start, resends: () => resends };
}

describe('session commands', () => {
  it('numbers in a row from 1, and lets nothing beside a command but a jog beside a jog', async () => {
    const { commands, start } = session();
    const first = start('JOG', [1, 1, 200]);
    expect(commands.reserve(true)).toBeNull();
    commands.answer(slot(1), { kind: 'accepted' }, 1);
    expect(commands.reserve(false)).toBeNull();
    const second = start('JOG', [1, 1, 200]);
    expect(commands.commandId).toBe('id-2');
    commands.answer(slot(1), { kind: 'ended', code: 'RENEWED' }, 2);
    commands.answer(slot(2), { kind: 'ended', code: 'LR_MOTOR' }, 3);
    expect(await first).toEqual({ kind: 'done' });
    expect(await second).toEqual({ kind: 'failed', code: 'lr_motor' });
    expect(commands.nextSlot()).toEqual(slot(3));
    expect(commands.commandId).toBeNull();
  });

  it('repeats the very same bytes, and then says that it is lost', () => {
    const { commands, written, start, resends } = session();
    void start('HOME');
    let lostAtMs = 0;
    for (let nowMs = 10; lostAtMs === 0; nowMs += 10) if (commands.tick(nowMs)) lostAtMs = nowMs;
    expect(new Set(written).size).toBe(1);
    expect([written.length, resends(), lostAtMs]).toEqual([4, 3, 550]);
  });

  it('takes answers about its own slots only', () => {
    const { commands, start } = session();
    void start('HOME');
    expect(commands.answer({ session: '00001001', seq: 1 }, { kind: 'line-refused' }, 1)).toBe(false);
    expect(commands.answer(slot(2), { kind: 'line-refused' }, 1)).toBe(false);
    expect(commands.answer(slot(1), { kind: 'line-refused' }, 1)).toBe(true);
  });

  it('sends nothing that was overtaken before it was sent', () => {
    const { commands, written } = session();
    const reservation = commands.reserve(false)!;
    expect(commands.lineIsFree).toBe(false);
    commands.end('stopped_first', new OpenQuestions());
    expect([commands.redeem(reservation), reservation.overtakenBy, written]).toEqual([
      false,
      'stopped_first',
      [],
    ]);
  });

  it('makes a question of what was sent, and settles it by the answer', async () => {
    const { commands, start } = session();
    const questions = new OpenQuestions();
    const home = start('HOME');
    commands.end('session_ended', questions);
    expect(questions.next()).toEqual(slot(1));
    questions.answer(slot(1), { kind: 'failed', code: 'reset' });
    expect(await home).toEqual({ kind: 'failed', code: 'reset' });
  });

  it('consumes no number for what the line did not take', () => {
    const { commands, line } = session();
    line.takes = false;
    expect(commands.send(slot(1), order('HOME'), 'id', 0)).toBeNull();
    expect(commands.nextSlot()).toEqual(slot(1));
  });

  it('is used up after 65535', () => {
    const { commands } = session();
    void commands.send(slot(65_534), order('STOP'), null, 0);
    expect(commands.exhausted).toBe(false);
    void commands.send(slot(65_535), order('STOP'), null, 0);
    expect(commands.exhausted).toBe(true);
  });
});
