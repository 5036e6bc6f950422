/** The rows of a command: what an intent, an outcome, a refusal and a late outcome hold, and what they leave out. */
import { expect, it } from 'vitest';
import {
  type AskedCommand,
  intentRow,
  lateOutcomeRow,
  outcomeRow,
  refusalRow,
} from '../../src/control/command-rows.ts';
import type { Command } from '../../src/domain/command.ts';

const ACTOR = { userId: 'user-1', userEmail: 'p@example.org', ipAddress: '192.0.2.1', userAgent: 'test' };
const IDEMPOTENCY = { key: 'press-1', fingerprint: 'f' };

function asked(command: Command): AskedCommand {
  return {
    request: { claw: 'claw-1', command, actor: ACTOR, role: 'player', idempotency: IDEMPOTENCY },
    record: {
      id: 'command-1',
      claw: 'claw-1',
      verb: command.verb,
      status: 'pending',
      code: null,
      message: null,
      createdAt: '2026-01-01T00:00:00.000Z',
      durationMs: null,
      simulated: true,
    },
  };
}

const COMMON = { ...ACTOR, resourceType: 'claw', resourceId: 'claw-1', simulated: true };

it('an intent holds the arguments, the place on the wire and the key', () => {
  expect(intentRow(asked({ verb: 'move', x: 1, y: 2 }), { session: '00001001', seq: 7 })).toEqual({
    ...COMMON,
    phase: 'intent',
    action: 'CLAW_MOVE',
    commandId: 'command-1',
    details: { x: 1, y: 2, session: '00001001', seq: 7 },
    status: 'pending',
    errorMessage: null,
    durationMs: null,
    idempotency: IDEMPOTENCY,
  });
});

it('the intent of a stop keeps no key', () => {
  for (const verb of ['stop', 'estop'] as const)
    expect(intentRow(asked({ verb }), null).idempotency).toBeNull();
});

it('an outcome holds what became of it, and a refusal that nothing began', () => {
  const command = asked({ verb: 'strike' });
  const stopped = outcomeRow(command, { kind: 'failed', code: 'stopped' }, 12);
  expect(stopped).toMatchObject({ ...COMMON, phase: 'outcome', commandId: 'command-1', status: 'failed' });
  expect(stopped).toMatchObject({
    errorMessage: 'stopped',
    durationMs: 12,
    details: null,
    idempotency: null,
  });
  const refused = refusalRow(command.request, true, { kind: 'refused', code: 'busy' });
  expect(refused).toMatchObject({ ...COMMON, phase: 'refusal', commandId: null, status: 'refused' });
  expect(refused).toMatchObject({ errorMessage: 'busy', durationMs: 0, idempotency: null });
});

it('a late outcome repeats who and what of its intent, and nothing else', () => {
  const intent = intentRow(asked({ verb: 'strike' }), { session: '00001001', seq: 7 });
  const late = lateOutcomeRow({ ...intent, seq: 1, id: 'row-1', createdAtMs: 0 }, { kind: 'done' });
  expect(late).toEqual({ ...intent, phase: 'outcome', status: 'done', details: null, idempotency: null });
});
