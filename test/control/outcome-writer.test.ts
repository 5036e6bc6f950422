/** Outcome rows that the log cannot take wait, bounded, and are tried again; one bad row holds up no other. */
import { setImmediate } from 'node:timers/promises';
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

/** A log that refuses the first few rows. */
class FlakyAudit extends FakeAudit {
  refusals = 0;

  override async append(event: NewAuditEvent): Promise<AppendResult> {
    this.refusals -= 1;
    return this.refusals >= 0 ? { kind: 'unavailable', reason: 'busy' } : super.append(event);
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

it('writes no outcome before the intent that waits', async () => {
  const audit = new FakeAudit([]);
  const clock = new ManualClock();
  const writer = new OutcomeWriter(audit, clock, QUIET);
  audit.broken = true;
  await writer.write({ ...row('one'), phase: 'intent', status: 'pending' });
  audit.broken = false;
  await writer.write(row('one'));
  expect(audit.rows).toEqual([]);
  clock.advance(1000);
  await audit.whenRow(({ phase }) => phase === 'outcome');
  expect(audit.rows.map(({ phase }) => phase)).toEqual(['intent', 'outcome']);
});

it('tries no outcome when the intent was refused again a moment ago', async () => {
  const audit = new FlakyAudit([]);
  const clock = new ManualClock();
  const writer = new OutcomeWriter(audit, clock, QUIET);
  audit.refusals = 3;
  await writer.write({ ...row('one'), phase: 'intent', status: 'pending' });
  await writer.write(row('one'));
  await writer.write(row('two'));
  clock.advance(1000);
  await audit.whenRow(({ commandId }) => commandId === 'two');
  // The round ends after its last row; only then the next one is set.
  await setImmediate();
  clock.advance(1000);
  await audit.whenRow(({ phase, commandId }) => phase === 'outcome' && commandId === 'one');
  expect(audit.rows.map(({ phase, commandId }) => `${phase} ${commandId}`)).toEqual([
    'outcome two',
    'intent one',
    'outcome one',
  ]);
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
