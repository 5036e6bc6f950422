/** The claws and their commands over real HTTP. */
import { describe, expect, it } from 'vitest';
import { REFUSAL_CODES } from '../../src/domain/outcome.ts';
import { PROBLEMS } from '../../src/domain/problems.ts';
import { commandFingerprint } from '../../src/http/command-bodies.ts';
import { closed, problemOf, rawLine, received, snapshotOf, start } from './support.ts';

describe('the claws', () => {
  it('are listed, and shown one by one', async () => {
    const world = await start();
    expect(await (await world.ask('/claws')).json()).toEqual({
      claws: [snapshotOf('claw-1'), snapshotOf('Claw B')],
    });
    expect(await (await world.ask('/claws/Claw%20B')).json()).toEqual(snapshotOf('Claw B'));
    expect(await problemOf(await world.ask('/claws/claw-9'))).toMatchObject({ code: 'unknown_claw' });
  });
});

describe('a command', () => {
  const BODIES = {
    jog: { vx: -100, vy: 100, durationMs: 200 },
    move: { x: 0, y: 2000 },
    strike: undefined,
    capture: { grip: 50 },
    release: undefined,
    home: undefined,
    stop: undefined,
    estop: undefined,
    reset: undefined,
  };

  it.each(Object.entries(BODIES))('%s is taken', async (verb, body) => {
    const world = await start();
    const response = await world.post(`/claws/Claw%20B/${verb}`, body, {}, 'operator-1');
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe('/claws/Claw%20B/commands/command-1');
    expect(response.headers.get('preference-applied')).toBeNull();
    expect(await response.json()).toEqual(world.commands.records.get('command-1'));
    expect(world.commands.requests).toMatchObject([
      { claw: 'Claw B', command: { verb, ...body }, role: 'operator', idempotency: null },
    ]);
  });

  it('can be asked for by its Location', async () => {
    const world = await start();
    const location = (await world.post('/claws/claw-1/strike')).headers.get('location')!;
    expect(await (await world.ask(location)).json()).toMatchObject({ id: 'command-1', status: 'pending' });
    world.commands.settle('command-1', { status: 'done' });
    expect(await (await world.ask(location)).json()).toMatchObject({ id: 'command-1', status: 'done' });
  });

  it.each([
    ['/claws/claw-1/commands/nothing', 'unknown_command'],
    [`/claws/claw-1/commands/${'x'.repeat(65)}`, 'unknown_command'],
    ['/claws/Claw%20B/commands/command-1', 'unknown_command'],
    ['/claws/claw-9/commands/command-1', 'unknown_claw'],
  ])('at %s is %s', async (path, code) => {
    const world = await start();
    await world.post('/claws/claw-1/strike');
    expect(await problemOf(await world.ask(path))).toMatchObject({ code, status: 404 });
  });

  it('cannot be looked up while the log cannot be read', async () => {
    const world = await start();
    world.commands.readable = false;
    const response = await world.ask('/claws/claw-1/commands/x');
    expect(await problemOf(response)).toMatchObject({ code: 'storage_unavailable' });
  });

  it.each([
    ['/claws/claw-9/strike', {}, 404, 'unknown_claw'],
    ['/claws/claw-9/estop', undefined, 404, 'unknown_claw'],
    ['/claws/claw-1/explode', {}, 404, 'not_found'],
    ['/claws/claw-1/strike', { power: 9 }, 422, 'invalid_input'],
    ['/claws/claw-1/jog', { vx: 101, vy: 0, durationMs: 1 }, 422, 'invalid_input'],
    ['/claws/claw-1/jog', { vx: 1, vy: 0 }, 422, 'invalid_input'],
    ['/claws/claw-1/capture', { grip: 0 }, 422, 'invalid_input'],
    ['/claws/claw-1/move', [1, 2], 422, 'invalid_input'],
  ])('to %s with %j is refused with %i', async (path, body, status, code) => {
    const world = await start();
    expect(await problemOf(await world.post(path, body))).toMatchObject({ status, code, mayRetry: false });
    expect(world.commands.records.size).toBe(0);
  });

  it('names the field that is wrong', async () => {
    const world = await start();
    const response = await world.post('/claws/claw-1/jog', { vx: 250, vy: 0, duration: 5 });
    expect((await problemOf(response)).errors).toEqual([
      { path: 'vx', message: 'must be an integer from -100 to 100 percent; received 250' },
      { path: 'durationMs', message: 'must be an integer from 1 to 200 milliseconds; received nothing' },
      { path: 'duration', message: 'is not known; the fields are vx, vy, durationMs' },
    ]);
  });

  it.each(REFUSAL_CODES)('refused as %s is a problem of that code', async (code) => {
    const world = await start();
    world.commands.answer = async () => ({ kind: 'refused', code });
    const details = await problemOf(await world.post('/claws/claw-1/strike'));
    expect(details).toMatchObject({ code, status: PROBLEMS[code].status });
  });

  it('of the wrong role says which one it wants', async () => {
    const world = await start();
    world.commands.answer = async () => ({ kind: 'refused', code: 'not_permitted' });
    expect(await problemOf(await world.post('/claws/claw-1/home'))).toMatchObject({
      status: 403,
      detail: 'This wants at least the role operator; yours is player.',
    });
  });

  it('is not taken while the database is away', async () => {
    const world = await start();
    world.commands.answer = async () => ({ kind: 'storage_unavailable' });
    const response = await world.post('/claws/claw-1/strike');
    expect(response.headers.get('retry-after')).not.toBeNull();
    expect(await problemOf(response)).toMatchObject({ code: 'storage_unavailable' });
  });
});

describe('stop and estop', () => {
  it.each([
    ['stop', 'application/json', 10],
    ['estop', 'application/json', 10],
    ['stop', 'text/plain', 5_000_000],
    ['estop', 'text/plain', 5_000_000],
  ])('%s goes out before its body has come, as %s of %i bytes', async (verb, type, bytes) => {
    const world = await start();
    const line = await rawLine(
      world,
      `POST /claws/claw-1/${verb} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer player-1\r\n` +
        `Idempotency-Key: a b c\r\nContent-Type: ${type}\r\nContent-Length: ${bytes}\r\n\r\n{{`,
    );
    expect(await received(line, 'command-1')).toMatch(/^HTTP\/1\.1 202 /);
    expect(world.commands.requests).toMatchObject([{ command: { verb }, idempotency: null }]);
  });
});

describe('Prefer: wait', () => {
  const wait = (seconds: string) => ({ headers: { prefer: `wait=${seconds}` } });

  it('brings the outcome when it comes in time', async () => {
    const world = await start();
    const asked = world.post('/claws/claw-1/strike', undefined, wait('30'));
    await world.clock.armed(30_000);
    world.commands.settle('command-1', { status: 'failed', code: 'limit' });
    const response = await asked;
    expect(response.status).toBe(200);
    expect(response.headers.get('preference-applied')).toBe('wait=30');
    expect(await response.json()).toMatchObject({
      id: 'command-1',
      status: 'failed',
      code: 'limit',
      durationMs: 5,
    });
    expect(world.clock.pendingMs()).toEqual([]);
  });

  it('answers 202 when the time is over', async () => {
    const world = await start();
    const asked = world.post('/claws/claw-1/strike', undefined, wait('3'));
    await world.clock.armed(3000);
    world.clock.advance(3000);
    const response = await asked;
    expect(response.status).toBe(202);
    expect(response.headers.get('location')).toBe('/claws/claw-1/commands/command-1');
    expect(await response.json()).toMatchObject({ status: 'pending' });
  });

  it('answers 202 when the wait ends without an outcome', async () => {
    const world = await start();
    world.commands.answer = async (request) => {
      const accepted = world.commands.accept(request);
      return accepted.kind === 'accepted'
        ? { ...accepted, settled: Promise.resolve(accepted.record) }
        : accepted;
    };
    const response = await world.post('/claws/claw-1/strike', undefined, wait('30'));
    expect(response.status).toBe(202);
    expect(await response.json()).toMatchObject({ status: 'pending' });
  });

  it('is bounded to 60 seconds', async () => {
    const world = await start();
    const asked = world.post('/claws/claw-1/strike', undefined, wait('86400'));
    await world.clock.armed(60_000);
    world.clock.advance(60_000);
    expect((await asked).headers.get('preference-applied')).toBe('wait=60');
  });

  it('is left alone when it is no number of seconds', async () => {
    const world = await start();
    const response = await world.post('/claws/claw-1/strike', undefined, wait('1.5'));
    expect([response.status, response.headers.get('preference-applied')]).toEqual([202, null]);
  });

  it('ends with the client', async () => {
    const world = await start();
    const line = await rawLine(
      world,
      'POST /claws/claw-1/strike HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer player-1\r\nPrefer: wait=30\r\n\r\n',
    );
    await world.clock.armed(30_000);
    line.destroy();
    await closed(line);
    await world.meters.count(1);
    expect(world.clock.pendingMs()).toEqual([]);
  });
});

describe('Idempotency-Key', () => {
  it.each(['abc', '"abc"'])('%s is handed on with a fingerprint', async (header) => {
    const world = await start();
    const headers = { 'idempotency-key': header };
    await world.post('/claws/claw-1/jog', { durationMs: 5, vy: 2, vx: 1 }, { headers });
    const fingerprint = commandFingerprint('claw-1', { verb: 'jog', vx: 1, vy: 2, durationMs: 5 });
    expect(world.commands.requests[0]?.idempotency).toEqual({ key: 'abc', fingerprint });
  });

  it('of another command is told', async () => {
    const world = await start();
    world.commands.answer = async () => ({ kind: 'key_reused' });
    const response = await world.post('/claws/claw-1/strike', {}, { headers: { 'idempotency-key': 'abc' } });
    expect(await problemOf(response)).toMatchObject({ code: 'idempotency_key_reused', status: 422 });
  });

  it.each(['""', 'a b', 'x'.repeat(129)])('%j is refused', async (header) => {
    const world = await start();
    const response = await world.post('/claws/claw-1/strike', {}, { headers: { 'idempotency-key': header } });
    expect(await problemOf(response)).toMatchObject({ code: 'idempotency_key_invalid', status: 400 });
    expect(world.commands.requests).toEqual([]);
  });
});
