/** One press of the button through everything: HTTP, decision, durable intent, wire, board, outcome, audit. */
import { afterEach, describe, expect, it } from 'vitest';
import type { Client } from './support/client.ts';
import { TestGateway, type TestGatewayOptions } from './support/test-gateway.ts';

let gateway: TestGateway;
afterEach(() => gateway.stop());

/** A gateway whose claw is homed and whose operator is signed in. */
async function homed(options: TestGatewayOptions = {}): Promise<Client> {
  gateway = await TestGateway.start(options);
  const operator = await gateway.signIn('operator');
  await operator.whenState(({ link }) => link === 'up');
  expect(await operator.command('home')).toMatchObject({
    status: 200,
    body: { status: 'done', simulated: true },
  });
  return operator;
}

const motionsOf = (verb: string): number =>
  gateway.notes.filter((note) => note.kind === 'motion-started' && note.verb === verb).length;

describe('a whole turn', () => {
  it('moves the claw once for each command and wins a prize', async () => {
    const operator = await homed();
    const jog = { vx: 100, vy: 100, durationMs: 200 };
    for (const [verb, body] of [
      ['jog', jog],
      ['jog', jog],
      ['strike', {}],
      ['capture', { grip: 100 }],
      ['move', { x: 0, y: 0 }],
      ['release', {}],
    ] as const) {
      expect(await operator.command(verb, body), verb).toMatchObject({
        status: 200,
        body: { verb, status: 'done' },
      });
    }
    expect(gateway.board.motions).toBe(7);
    await gateway.whenNote((note) => note.kind === 'prize');
  });

  it('leaves an intent row and an outcome row for each command, in order', async () => {
    const operator = await homed();
    const strike = await operator.command('strike');
    await operator.command('stop');
    const rows = (await gateway.auditRowsAfterStop()).filter((row) => row.command_id !== null);
    expect(rows.map((row) => `${row.phase} ${row.action} ${row.status}`)).toEqual([
      'intent CLAW_HOME pending',
      'outcome CLAW_HOME done',
      'intent CLAW_STRIKE pending',
      'outcome CLAW_STRIKE done',
      'intent CLAW_STOP pending',
      'outcome CLAW_STOP done',
    ]);
    expect(rows.filter((row) => row.command_id === strike.body.id).map((row) => row.phase)).toEqual([
      'intent',
      'outcome',
    ]);
  });

  it('answers 202 with a place to look, which tells the outcome', async () => {
    const operator = await homed();
    const accepted = await operator.post('/claws/claw-1/strike', {});
    expect(accepted).toMatchObject({
      status: 202,
      body: { claw: 'claw-1', verb: 'strike', status: 'pending' },
    });
    const place = accepted.headers.get('location') ?? '';
    expect(place).toBe(`/claws/claw-1/commands/${accepted.body.id}`);
    expect((await operator.whenSettled(place)).body).toMatchObject({ id: accepted.body.id, status: 'done' });
  });
});

describe('the same Idempotency-Key', () => {
  it('gets the same answer and no second motion, also after a restart', async () => {
    const operator = await homed();
    const key = { 'idempotency-key': 'press-1' };
    const first = await operator.command('strike', {}, key);
    expect((await operator.command('strike', {}, key)).body).toEqual(first.body);
    await gateway.restart();
    const again = await gateway.signIn('operator');
    await again.whenState(({ link }) => link === 'up');
    const afterRestart = await again.command('strike', {}, key);
    expect(afterRestart.body).toMatchObject({ id: first.body.id, status: 'done' });
    expect(motionsOf('STRIKE')).toBe(1);
    expect(await again.command('capture', {}, key)).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  });
});

describe('estop while a strike runs', () => {
  it('stops the motion, latches until an operator resets, and the reset moves nothing', async () => {
    const operator = await homed({ speed: 1 });
    const player = await gateway.signIn('player');
    const strike = await player.post('/claws/claw-1/strike', {});
    await gateway.whenNote((note) => note.kind === 'motion-started' && note.verb === 'STRIKE');
    expect(await player.command('estop')).toMatchObject({ status: 200, body: { status: 'done' } });
    const ended = await gateway.whenNote((note) => note.kind === 'motion-ended' && note.verb === 'STRIKE');
    expect(ended).toMatchObject({ ending: 'ESTOP' });
    expect((await player.whenSettled(`/claws/claw-1/commands/${strike.body.id}`)).body).toMatchObject({
      status: 'failed',
      code: 'estop',
    });
    expect((await player.get('/claws/claw-1')).body).toMatchObject({ state: 'estop' });
    expect(await player.command('strike')).toMatchObject({ status: 409, body: { code: 'latched' } });
    expect(await player.command('reset')).toMatchObject({ status: 403, body: { code: 'not_permitted' } });
    const motions = gateway.board.motions;
    expect(await operator.command('reset')).toMatchObject({ status: 200, body: { status: 'done' } });
    expect((await operator.get('/claws/claw-1')).body).toMatchObject({ state: 'idle', homed: false });
    expect(await player.command('strike')).toMatchObject({ status: 409, body: { code: 'not_homed' } });
    expect(gateway.board.motions).toBe(motions);
  }, 30_000);
});

describe('stop', () => {
  it('ends a motion without a latch, and says of it that it was stopped', async () => {
    const operator = await homed({ speed: 1 });
    const strike = await operator.post('/claws/claw-1/strike', {});
    await gateway.whenNote((note) => note.kind === 'motion-started' && note.verb === 'STRIKE');
    expect(await operator.command('stop')).toMatchObject({ status: 200, body: { status: 'done' } });
    expect((await operator.whenSettled(`/claws/claw-1/commands/${strike.body.id}`)).body).toMatchObject({
      status: 'failed',
      code: 'stopped',
    });
    expect((await operator.get('/claws/claw-1')).body).toMatchObject({ state: 'idle', homed: true });
  }, 30_000);
});

describe('bad surroundings', () => {
  it('starts without a port, says so, and recovers when it appears', async () => {
    gateway = await TestGateway.start({ unplugged: true });
    const operator = await gateway.signIn('operator');
    const health = await operator.get('/health');
    expect(health).toMatchObject({
      status: 503,
      body: { status: 'down', claws: { 'claw-1': { status: 'down' } } },
    });
    expect(await operator.command('home')).toMatchObject({
      status: 503,
      body: { code: 'link_down', mayRetry: true },
    });
    expect((await operator.get('/claws/claw-1')).body).toMatchObject({
      link: 'down',
      state: 'link_lost',
      linkReason: expect.stringContaining('no such port'),
    });
    gateway.cable.plug();
    await operator.whenState(({ link }) => link === 'up');
    expect(await operator.get('/health')).toMatchObject({ status: 200, body: { status: 'up' } });
    expect(gateway.board.motions).toBe(0);
    expect(await operator.command('home')).toMatchObject({ status: 200, body: { status: 'done' } });
  });

  it('asks about a command whose cable was pulled, tells its true outcome and never repeats it', async () => {
    const operator = await homed({ speed: 1 });
    const strike = await operator.post('/claws/claw-1/strike', {});
    await gateway.whenNote((note) => note.kind === 'motion-started' && note.verb === 'STRIKE');
    gateway.cable.unplug();
    await operator.whenState(({ link }) => link === 'down');
    expect((await operator.get(`/claws/claw-1/commands/${strike.body.id}`)).body.status).toBe('pending');
    // The board stops by itself when the keep-alives stop.
    await gateway.whenNote((note) => note.kind === 'motion-ended' && note.verb === 'STRIKE');
    gateway.cable.plug();
    await operator.whenState(({ link }) => link === 'up');
    expect((await operator.whenSettled(`/claws/claw-1/commands/${strike.body.id}`)).body).toMatchObject({
      status: 'failed',
      code: 'link',
    });
    expect(motionsOf('STRIKE')).toBe(1);
  }, 30_000);

  it('tells of a board that restarted in the middle of a motion', async () => {
    const operator = await homed({ speed: 1 });
    const strike = await operator.post('/claws/claw-1/strike', {});
    await gateway.whenNote((note) => note.kind === 'motion-started' && note.verb === 'STRIKE');
    gateway.board.input({ kind: 'reset', cause: 'WDT' });
    expect((await operator.whenSettled(`/claws/claw-1/commands/${strike.body.id}`)).body).toMatchObject({
      status: 'failed',
      code: 'reset',
    });
    expect((await operator.get('/claws/claw-1')).body).toMatchObject({
      homed: false,
      board: { resetCause: 'WDT' },
    });
    expect(motionsOf('STRIKE')).toBe(1);
  }, 30_000);

  it('says unknown when the board lost its memory with its power', async () => {
    const operator = await homed({ speed: 1 });
    const strike = await operator.post('/claws/claw-1/strike', {});
    await gateway.whenNote((note) => note.kind === 'motion-started' && note.verb === 'STRIKE');
    gateway.board.input({ kind: 'reset', cause: 'POR' });
    expect((await operator.whenSettled(`/claws/claw-1/commands/${strike.body.id}`)).body).toMatchObject({
      status: 'unknown',
      code: 'forgotten_by_board',
    });
    expect(motionsOf('STRIKE')).toBe(1);
  }, 30_000);

  it('goes on through noise: every outcome is the one the board notes', async () => {
    const operator = await homed();
    gateway.board.setFault('noise', 0.0005);
    gateway.board.setFault('drop-replies', 0.1);
    const outcomes: unknown[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      await operator.whenState(({ state, link }) => state === 'idle' && link === 'up');
      const { status, body } = await operator.command('jog', {
        vx: turn % 2 === 0 ? 50 : -50,
        vy: 0,
        durationMs: 200,
      });
      if (status === 200) outcomes.push(body.status);
    }
    const ended = gateway.notes.filter((note) => note.kind === 'motion-ended' && note.verb === 'JOG');
    const whole = ended.filter((note) => 'ending' in note && ['OK', 'RENEWED'].includes(note.ending));
    expect(outcomes.filter((status) => status === 'done')).toHaveLength(whole.length);
    expect(outcomes).not.toContain('unknown');
  }, 60_000);
});
