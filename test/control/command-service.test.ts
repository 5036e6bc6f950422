/** The order of one press: intent durable, then bytes, then the outcome row; stop first of all; keys; recovery. */
import { beforeEach, describe, expect, it } from 'vitest';
import { CommandService } from '../../src/control/command-service.ts';
import type { Command } from '../../src/domain/command.ts';
import type { CommandRequest, Submission } from '../../src/domain/ports.ts';
import { READY_SNAPSHOT } from '../support/snapshots.ts';
import { ACTOR, accepted, deferred, FakeAudit, FakeLink, type Journal, ManualClock, QUIET } from './fakes.ts';

let journal: Journal;
let link: FakeLink;
let audit: FakeAudit;
let clock: ManualClock;
let service: CommandService;

function newService(): CommandService {
  let ids = 0;
  return new CommandService({
    links: new Map([['claw-1', link]]),
    audit,
    clock,
    log: QUIET,
    makeId: () => {
      ids += 1;
      return `command-${ids}`;
    },
    onOutcome: () => {},
  });
}

beforeEach(() => {
  journal = [];
  link = new FakeLink(journal);
  audit = new FakeAudit(journal);
  clock = new ManualClock();
  service = newService();
});

function ask(command: Command, more: Partial<CommandRequest> = {}): Promise<Submission> {
  return service.submit({
    claw: 'claw-1',
    command,
    actor: ACTOR,
    role: 'operator',
    idempotency: null,
    ...more,
  });
}

describe('a motion', () => {
  it('is on the disk before it is on the wire, and its outcome follows under the same id', async () => {
    const { record, settled } = await accepted(ask({ verb: 'strike' }));
    expect(record).toMatchObject({ id: 'command-1', status: 'pending', verb: 'strike', simulated: true });
    link.sent[0]!.settle({ kind: 'failed', code: 'stopped' });
    expect(await settled).toMatchObject({ id: 'command-1', status: 'failed', code: 'stopped' });
    expect(journal).toEqual([
      'row:intent:CLAW_STRIKE:pending',
      'sent:strike',
      'row:outcome:CLAW_STRIKE:failed',
    ]);
    expect(audit.rows.map((row) => row.commandId)).toEqual(['command-1', 'command-1']);
    expect(audit.rows[0]).toMatchObject({ ...ACTOR, details: { session: '00001001', seq: 1 } });
  });

  it('does not move when the log cannot be written', async () => {
    audit.broken = true;
    expect(await ask({ verb: 'strike' })).toEqual({ kind: 'refused', code: 'audit_unavailable' });
    expect(journal).toEqual([]);
  });

  it('is answered only once its intent is durable', async () => {
    const disk = deferred<void>();
    audit.slow = disk.promise;
    const submission = ask({ verb: 'strike' });
    const first = await Promise.race([submission.then(() => 'answered'), Promise.resolve('waiting')]);
    expect(first).toBe('waiting');
    expect(journal).toEqual([]);
    disk.resolve();
    expect((await submission).kind).toBe('accepted');
  });

  it('that a stop overtook tells so, under its id', async () => {
    link.overtaken = true;
    const { settled } = await accepted(ask({ verb: 'strike' }));
    expect(await settled).toMatchObject({ status: 'refused', code: 'stopped_first' });
    expect(journal).not.toContain('sent:strike');
  });

  it('is refused beside another one, and leaves one row', async () => {
    const first = await accepted(ask({ verb: 'strike' }));
    expect(await ask({ verb: 'capture' })).toEqual({ kind: 'refused', code: 'busy' });
    const refusal = await audit.whenRow((row) => row.phase === 'refusal');
    expect(refusal).toMatchObject({ action: 'CLAW_CAPTURE', status: 'refused', errorMessage: 'busy' });
    link.sent[0]!.settle({ kind: 'done' });
    await first.settled;
    expect((await ask({ verb: 'capture' })).kind).toBe('accepted');
  });

  it('may be renewed by a jog while it is one', async () => {
    const jog: Command = { verb: 'jog', vx: 50, vy: 0, durationMs: 200 };
    await accepted(ask(jog));
    await accepted(ask(jog));
    expect(journal.filter((entry) => entry === 'sent:jog')).toHaveLength(2);
    expect(await ask({ verb: 'strike' })).toEqual({ kind: 'refused', code: 'busy' });
  });
});

describe('stop and estop', () => {
  it.each([
    'stop',
    'estop',
  ] as const)('%s goes to the line before anything else and waits for no disk', async (verb) => {
    const disk = deferred<void>();
    audit.slow = disk.promise;
    const submission = ask({ verb });
    expect(journal).toEqual([`sent:${verb}`]);
    const { record, settled } = await accepted(submission);
    expect(record.status).toBe('pending');
    disk.resolve();
    expect(await settled).toMatchObject({ status: 'done' });
    const action = `CLAW_${verb.toUpperCase()}`;
    expect(journal).toEqual([`sent:${verb}`, `row:intent:${action}:pending`, `row:outcome:${action}:done`]);
  });

  it('work while the log is broken, and their rows follow when it is back', async () => {
    audit.broken = true;
    const { settled } = await accepted(ask({ verb: 'estop' }, { role: 'player' }));
    expect(await settled).toMatchObject({ status: 'done' });
    audit.broken = false;
    clock.advance(1000);
    await audit.whenRow((row) => row.phase === 'outcome');
    expect(journal).toEqual(['sent:estop', 'row:intent:CLAW_ESTOP:pending', 'row:outcome:CLAW_ESTOP:done']);
  });
});

describe('reset', () => {
  it('wants an operator, a latch and a durable intent', async () => {
    expect(await ask({ verb: 'reset' }, { role: 'player' })).toEqual({
      kind: 'refused',
      code: 'not_permitted',
    });
    expect(await ask({ verb: 'reset' })).toEqual({ kind: 'refused', code: 'not_latched' });
    link.state = { ...READY_SNAPSHOT, state: 'estop' };
    const { settled } = await accepted(ask({ verb: 'reset' }));
    expect(await settled).toMatchObject({ status: 'done' });
    expect(journal.slice(-3)).toEqual([
      'row:intent:CLAW_RESET:pending',
      'sent:reset',
      'row:outcome:CLAW_RESET:done',
    ]);
  });
});

describe('an Idempotency-Key', () => {
  const idempotency = { key: 'press-1', fingerprint: 'strike' };

  it('stands for one execution, for parallel repeats too', async () => {
    const [first, second] = await Promise.all([
      accepted(ask({ verb: 'strike' }, { idempotency })),
      accepted(ask({ verb: 'strike' }, { idempotency })),
    ]);
    expect(second.record.id).toBe(first.record.id);
    link.sent[0]!.settle({ kind: 'done' });
    expect(await second.settled).toEqual(await first.settled);
    expect((await accepted(ask({ verb: 'strike' }, { idempotency }))).record.id).toBe(first.record.id);
    expect(link.sent).toHaveLength(1);
  });

  it('is found in the log after a restart', async () => {
    const first = await accepted(ask({ verb: 'strike' }, { idempotency }));
    link.sent[0]!.settle({ kind: 'done' });
    await first.settled;
    service = newService();
    const again = await accepted(ask({ verb: 'strike' }, { idempotency }));
    expect(again.record).toMatchObject({ id: first.record.id, status: 'done' });
    expect(link.sent).toHaveLength(1);
  });

  it('may not be used for another command, before and after a restart', async () => {
    await accepted(ask({ verb: 'strike' }, { idempotency }));
    const other = { key: 'press-1', fingerprint: 'capture' };
    expect(await ask({ verb: 'capture' }, { idempotency: other })).toEqual({ kind: 'key_reused' });
    service = newService();
    expect(await ask({ verb: 'capture' }, { idempotency: other })).toEqual({ kind: 'key_reused' });
  });

  it('belongs to its person, and a refusal frees it', async () => {
    link.state = { ...READY_SNAPSHOT, homed: false };
    expect(await ask({ verb: 'strike' }, { idempotency })).toEqual({ kind: 'refused', code: 'not_homed' });
    link.state = READY_SNAPSHOT;
    const mine = await accepted(ask({ verb: 'strike' }, { idempotency }));
    link.sent[0]!.settle({ kind: 'done' });
    await mine.settled;
    const theirs = await accepted(
      ask({ verb: 'strike' }, { idempotency, actor: { ...ACTOR, userId: 'user-2' } }),
    );
    expect(theirs.record.id).not.toBe(mine.record.id);
  });
});

describe('recovery', () => {
  it('asks about open commands and never sends them again', async () => {
    await accepted(ask({ verb: 'strike' }));
    service = newService();
    await service.recover();
    expect(link.asked.map((question) => question.slot)).toEqual([{ session: '00001001', seq: 1 }]);
    expect(await service.find('claw-1', 'command-1')).toMatchObject({ status: 'pending' });
    link.asked[0]!.settle({ kind: 'failed', code: 'reset' });
    const row = await audit.whenRow((found) => found.phase === 'outcome');
    expect(row).toMatchObject({
      commandId: 'command-1',
      action: 'CLAW_STRIKE',
      status: 'failed',
      errorMessage: 'reset',
    });
    expect(link.sent).toHaveLength(1);
    expect(await service.find('claw-1', 'command-1')).toMatchObject({ status: 'failed', code: 'reset' });
  });

  it('says unknown where nobody can be asked', async () => {
    const other = {
      ...ACTOR,
      action: 'CLAW_STRIKE',
      commandId: 'gone',
      resourceType: 'claw',
      resourceId: 'claw-9',
    };
    const rest = {
      details: { session: '00001001', seq: 9 },
      errorMessage: null,
      durationMs: null,
      idempotency: null,
    };
    await audit.append({ ...other, ...rest, phase: 'intent', status: 'pending', simulated: null });
    await audit.append({
      ...other,
      ...rest,
      phase: 'intent',
      status: 'pending',
      simulated: null,
      commandId: 'numberless',
      resourceId: 'claw-1',
      details: null,
    });
    await newService().recover();
    const gone = await audit.whenRow((row) => row.phase === 'outcome' && row.commandId === 'gone');
    expect(gone).toMatchObject({ status: 'unknown', errorMessage: 'claw_removed' });
    const numberless = await audit.whenRow(
      (row) => row.phase === 'outcome' && row.commandId === 'numberless',
    );
    expect(numberless).toMatchObject({ status: 'unknown', errorMessage: 'gateway_restarted' });
  });

  it('leaves a command open that the end of the process overtakes', async () => {
    const { settled } = await accepted(ask({ verb: 'strike' }));
    service.close();
    link.sent[0]!.settle({ kind: 'unknown', code: 'gateway_restarted' });
    expect(await settled).toMatchObject({ status: 'pending' });
    expect(await audit.openIntents()).toHaveLength(1);
    expect(await ask({ verb: 'strike' })).toEqual({ kind: 'refused', code: 'shutting_down' });
  });
});

it('finds a command only under its own claw', async () => {
  await accepted(ask({ verb: 'strike' }));
  expect(await service.find('claw-1', 'command-1')).toMatchObject({ id: 'command-1' });
  expect(await service.find('claw-2', 'command-1')).toBeNull();
  expect(
    await service.submit({
      claw: 'claw-2',
      command: { verb: 'stop' },
      actor: ACTOR,
      role: 'admin',
      idempotency: null,
    }),
  ).toEqual({
    kind: 'unknown_claw',
  });
});
