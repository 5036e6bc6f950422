/** Commands rebuilt from their rows: what is pending, what settled, and what is no command at all. */
import { describe, expect, it } from 'vitest';
import { recordFromRows, slotOfIntent } from '../../src/control/command-record.ts';
import type { AuditRow } from '../../src/domain/audit-event.ts';

const INTENT: AuditRow = {
  seq: 1,
  id: 'row-1',
  createdAtMs: 0,
  phase: 'intent',
  action: 'CLAW_STRIKE',
  commandId: 'command-1',
  userId: 'user-1',
  userEmail: null,
  ipAddress: null,
  userAgent: null,
  resourceType: 'claw',
  resourceId: 'claw-1',
  details: { session: '00001001', seq: 7 },
  status: 'pending',
  errorMessage: null,
  durationMs: null,
  idempotency: null,
  simulated: false,
};

describe('recordFromRows', () => {
  it('is pending without an outcome row', () => {
    expect(recordFromRows({ first: INTENT, outcome: null })).toEqual({
      id: 'command-1',
      claw: 'claw-1',
      verb: 'strike',
      status: 'pending',
      code: null,
      message: null,
      createdAt: '1970-01-01T00:00:00.000Z',
      durationMs: null,
      simulated: false,
    });
  });

  it('tells the outcome row', () => {
    const outcome: AuditRow = {
      ...INTENT,
      phase: 'outcome',
      status: 'failed',
      errorMessage: 'reset',
      durationMs: 12,
    };
    expect(recordFromRows({ first: INTENT, outcome })).toMatchObject({
      status: 'failed',
      code: 'reset',
      message: 'The board restarted in the middle of it.',
      durationMs: 12,
    });
  });

  it('takes rows of other actions for no command', () => {
    expect(recordFromRows({ first: { ...INTENT, action: 'LOGIN' }, outcome: null })).toBeNull();
    expect(recordFromRows({ first: { ...INTENT, commandId: null }, outcome: null })).toBeNull();
  });
});

describe('slotOfIntent', () => {
  it('finds the place on the wire, where the intent has one', () => {
    expect(slotOfIntent(INTENT)).toEqual({ session: '00001001', seq: 7 });
    expect(slotOfIntent({ ...INTENT, details: null })).toBeNull();
    expect(slotOfIntent({ ...INTENT, details: { session: '00001001', seq: '7' } })).toBeNull();
  });
});
