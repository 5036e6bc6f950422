/** Outcome rows that the log cannot take wait, bounded, and are tried again; one bad row holds up no other. */
import { expect, it } from 'vitest';
import { OutcomeWriter } from '../../src/control/outcome-writer.ts';
import type { AppendResult, NewAuditEvent } from '../../src/domain/audit-event.ts';
import { FakeAudit, ManualClock } from './fakes.ts';

const QUIET = { info() {}, warn() {}, error() {} };

const row = (commandId: string): NewAuditEvent => ({
  phase: 'outcome',
  action: 'CLAW_STRIKE',
  commandId,
  userId: null,
  userEmail: null,
  ipAddress: null,
  userAgent: null,
  resourceType: 'claw',
  resourceId: 'claw-1',
  details: null,
  status: 'done',
  errorMessage: null,
  durationMs: 1,
  idempotency: null,
  simulated: null,
});

/** A log that never takes the row of one command. */
class PickyAudit extends FakeAudit {
  override async append(event: NewAuditEvent): Promise<AppendResult> {
    if (event.commandId === 'bad') return { kind: 'unavailable', reason: 'constraint' };
    return super.append(event);
  }
}

it('tries again until the log is back, in order', async () => {
  const audit = new FakeAudit([]);
  const clock = new ManualClock();
  const writer = new OutcomeWriter(audit, clock, QUIET);
  audit.broken = true;
  for (const id of ['one', 'two', 'three']) await writer.write(row(id));
  expect(audit.rows).toEqual([]);
  audit.broken = false;
  clock.advance(1000);
  await audit.whenRow(({ commandId }) => commandId === 'three');
  expect(audit.rows.map(({ commandId }) => commandId)).toEqual(['one', 'two', 'three']);
});

it('lets a row that is refused for ever hold up no other', async () => {
  const audit = new PickyAudit([]);
  const clock = new ManualClock();
  const writer = new OutcomeWriter(audit, clock, QUIET);
  audit.broken = true;
  await writer.write(row('bad'));
  await writer.write(row('good'));
  audit.broken = false;
  clock.advance(1000);
  await audit.whenRow(({ commandId }) => commandId === 'good');
});

it('keeps the newest where too many wait', async () => {
  const audit = new FakeAudit([]);
  const clock = new ManualClock();
  const writer = new OutcomeWriter(audit, clock, QUIET);
  audit.broken = true;
  for (let index = 0; index < 300; index += 1) await writer.write(row(`command-${index}`));
  audit.broken = false;
  clock.advance(1000);
  await audit.whenRow(({ commandId }) => commandId === 'command-299');
  expect(audit.rows).toHaveLength(256);
  expect(audit.rows[0]?.commandId).toBe('command-44');
});

it('writes nothing more once it is closed', async () => {
  const audit = new FakeAudit([]);
  const clock = new ManualClock();
  const writer = new OutcomeWriter(audit, clock, QUIET);
  audit.broken = true;
  await writer.write(row('late'));
  writer.close();
  audit.broken = false;
  clock.advance(10_000);
  expect(audit.rows).toEqual([]);
});
