/** Events and rows: nothing lost between them, and nothing from outside is longer or stranger than a row may be. */
import { describe, expect, it } from 'vitest';
import { recordFromEvent, rowFromRecord } from '../../src/audit/audit-row.ts';
import { auditEvent } from './support.ts';

const WALL_MS = Date.UTC(2025, 0, 2, 3, 4, 5, 6);

describe('an event', () => {
  it('comes back from its row as it was', () => {
    const event = auditEvent({
      phase: 'intent',
      commandId: 'c',
      userId: 'u',
      details: { vx: 50, deep: { list: [1, null] } },
      idempotency: { key: 'k', fingerprint: 'f' },
      simulated: true,
      durationMs: 12,
    });
    const record = recordFromEvent(event, 'id', WALL_MS);
    expect(record.created_at).toBe('2025-01-02T03:04:05.006Z');
    expect(rowFromRecord({ ...record, seq: 7 })).toEqual({
      ...event,
      id: 'id',
      seq: 7,
      createdAtMs: WALL_MS,
    });
  });

  it.each([
    [true, 1],
    [false, 0],
    [null, null],
  ])('keeps simulated = %s apart from the others', (simulated, stored) => {
    const record = recordFromEvent(auditEvent({ simulated }), 'id', WALL_MS);
    expect(record.simulated).toBe(stored);
    expect(rowFromRecord({ ...record, seq: 1 }).simulated).toBe(simulated);
  });

  it('loses control characters and is cut to the width of its columns', () => {
    const nasty = `a\u0000b\r\n\u001b[31mc\u009d\u2028${'x'.repeat(5000)}`;
    const record = recordFromEvent(
      auditEvent({
        userAgent: nasty,
        userEmail: nasty,
        ipAddress: nasty,
        resourceId: nasty,
        errorMessage: nasty,
        action: nasty,
      }),
      'id',
      WALL_MS,
    );
    expect(record.user_agent).toHaveLength(256);
    expect(record.user_email).toHaveLength(255);
    expect(record.ip_address).toHaveLength(45);
    expect(record.resource_id).toHaveLength(36);
    expect(record.error_message).toHaveLength(500);
    expect(record.action).toHaveLength(50);
    expect(record.user_agent).toMatch(/^a b \[31mc x+$/);
  });

  it('is never cut through a character', () => {
    const record = recordFromEvent(auditEvent({ userAgent: `${'x'.repeat(255)}😀` }), 'id', WALL_MS);
    expect(record.user_agent?.isWellFormed()).toBe(true);
  });

  it('notes details that are too large instead of them, in bytes', () => {
    const record = recordFromEvent(auditEvent({ details: { text: 'é'.repeat(3000) } }), 'id', WALL_MS);
    expect(JSON.parse(record.details ?? '')).toEqual({ omitted: 'details too large', bytes: 6011 });
  });

  it.each([
    [12.6, 13],
    [-1, 0],
    [null, null],
  ])('has a duration of whole milliseconds: %s is %s', (durationMs, stored) => {
    expect(recordFromEvent(auditEvent({ durationMs }), 'id', WALL_MS).duration_ms).toBe(stored);
  });
});
