/** Stops against all that could hold them up or swallow them: keys, a disk that is away, a reset under way. */
import { setImmediate } from 'node:timers/promises';
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

beforeEach(() => {
  journal = [];
  link = new FakeLink(journal);
  audit = new FakeAudit(journal);
  clock = new ManualClock();
  let ids = 0;
  const makeId = (): string => {
    ids += 1;
    return `command-${ids}`;
  };
  const links = new Map([['claw-1', link]]);
  service = new CommandService({ links, audit, clock, log: QUIET, makeId, onOutcome: () => {} });
});

function ask(command: Command, more: Partial<CommandRequest> = {}): Promise<Submission> {
  const request = { claw: 'claw-1', command, actor: ACTOR, role: 'operator', idempotency: null } as const;
  return service.submit({ ...request, ...more });
}

it('does not clear an emergency stop that came while the intent of a reset was written', async () => {
  link.state = { ...READY_SNAPSHOT, state: 'estop' };
  const disk = deferred<void>();
  audit.slow = disk.promise;
  const reset = ask({ verb: 'reset' });
  await accepted(ask({ verb: 'estop' }));
  disk.resolve();
  const { settled } = await accepted(reset);
  expect(await settled).toMatchObject({ status: 'refused', code: 'stopped_first' });
  expect(journal).not.toContain('sent:reset');
});

describe('an Idempotency-Key of a stop', () => {
  const MOVING = { ...READY_SNAPSHOT, state: 'moving' } as const;
  const LATCHED = { ...READY_SNAPSHOT, state: 'estop' } as const;
  const keyed = (fingerprint: string) => ({ idempotency: { key: 'panel', fingerprint } });

  it('lets no reset slip past a press that is answered as before', async () => {
    link.state = LATCHED;
    const first = await accepted(ask({ verb: 'estop' }, keyed('estop')));
    await first.settled;
    const disk = deferred<void>();
    audit.slow = disk.promise;
    const reset = ask({ verb: 'reset' });
    expect((await accepted(ask({ verb: 'estop' }, keyed('estop')))).record.id).toBe(first.record.id);
    disk.resolve();
    expect(await (await accepted(reset)).settled).toMatchObject({ code: 'stopped_first' });
    expect(journal).not.toContain('sent:reset');
  });

  it.each(['stop', 'estop'] as const)('never holds up %s, whatever it stood for', async (verb) => {
    await accepted(ask({ verb: 'strike' }, keyed('strike')));
    await accepted(ask({ verb }, keyed(verb)));
    expect(journal).toContain(`sent:${verb}`);
    link.sent[0]!.settle({ kind: 'failed', code: 'stopped' });
    expect(await ask({ verb: 'capture' }, keyed('capture'))).toEqual({ kind: 'key_reused' });
  });

  it('stands for it while it holds, and presses again once something moves', async () => {
    link.state = LATCHED;
    const first = await accepted(ask({ verb: 'estop' }, keyed('estop')));
    await first.settled;
    expect((await accepted(ask({ verb: 'estop' }, keyed('estop')))).record.id).toBe(first.record.id);
    link.state = MOVING;
    expect((await accepted(ask({ verb: 'estop' }, keyed('estop')))).record.id).not.toBe(first.record.id);
    expect(journal.filter((entry) => entry === 'sent:estop')).toHaveLength(3);
  });

  it('leaves one command of many presses while the disk gives no answer, and each press goes to the line', async () => {
    audit.broken = true;
    link.state = LATCHED;
    const first = await accepted(ask({ verb: 'estop' }));
    await first.settled;
    for (let press = 0; press < 1000; press += 1) {
      expect((await accepted(ask({ verb: 'estop' }))).record.id).toBe(first.record.id);
    }
    expect(journal).toHaveLength(1001);
    audit.broken = false;
    clock.advance(1000);
    await audit.whenRow((row) => row.phase === 'outcome');
    // The round of retries ends after its last row.
    await setImmediate();
    expect(audit.rows.map(({ phase }) => phase)).toEqual(['intent', 'outcome']);
    expect((await accepted(ask({ verb: 'estop' }))).record.id).not.toBe(first.record.id);
  });

  it('of a controlled stop too, also beside a motion that has not begun to move', async () => {
    const first = await accepted(ask({ verb: 'stop' }, keyed('stop')));
    await first.settled;
    expect((await accepted(ask({ verb: 'stop' }, keyed('stop')))).record.id).toBe(first.record.id);
    await accepted(ask({ verb: 'strike' }));
    expect((await accepted(ask({ verb: 'stop' }, keyed('stop')))).record.id).not.toBe(first.record.id);
  });
});
