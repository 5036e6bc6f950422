/** The bounds of the server, met over raw lines, and that closing settles. No test measures time: it awaits the cut. */
import { once } from 'node:events';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createServer, SERVER_LIMITS } from '../../src/http/server.ts';
import { closed, ManualClock, rawLine, received, start } from './support.ts';

const HASTY = { ...SERVER_LIMITS, headersTimeoutMs: 50, requestTimeoutMs: 100, timeoutCheckIntervalMs: 10 };
const STRIKE = 'POST /claws/claw-1/strike HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer player-1\r\n';
const GET_EVENTS = STRIKE.replace('POST', 'GET').replace('strike', 'events').concat('\r\n');
const GET_HEALTH = 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n';

describe('the server', () => {
  it.each([
    ['says nothing', ''],
    ['does not end its headers', 'GET /health HTTP/1.1\r\nHost: localhost\r\n'],
    ['does not end its body', `${STRIKE}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{`],
    [
      'does not end its chunks',
      `${STRIKE}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`,
    ],
  ])('hangs up on a client that %s', async (_what, text) => {
    const world = await start({}, HASTY);
    const answer = await received(await rawLine(world, text));
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ code: 'request_timeout', status: 408 });
    expect(world.commands.requests).toEqual([]);
  });

  it('hangs up on a body that goes on after the answer', async () => {
    const world = await start({}, HASTY);
    const stop = STRIKE.replace('strike', 'stop');
    const answer = await received(await rawLine(world, `${stop}Content-Length: 1000\r\n\r\n`));
    expect(answer).toMatch(/^HTTP\/1\.1 202 /);
  });

  it.each([
    ['no HTTP', 'nonsense\r\n\r\n', 400, 'bad_request'],
    [
      'two lengths',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n',
      400,
      'bad_request',
    ],
    [
      'large headers',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9000)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
  ])('answers %s with a problem', async (_what, text, status, code) => {
    const world = await start();
    const [head, body] = (await received(await rawLine(world, text))).split('\r\n\r\n');
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(head).toContain('application/problem+json');
    expect(JSON.parse(body!)).toMatchObject({ status, code });
  });

  it('does not pass over headers because there are many', async () => {
    const world = await start();
    const many = Array.from({ length: 1500 }, () => 'a:\r\n').join('');
    const line = await rawLine(
      world,
      `${STRIKE}${many}Origin: http://evil.example\r\nConnection: close\r\n\r\n`,
    );
    expect(await received(line)).toMatch(/^HTTP\/1\.1 403 /);
  });

  it('has room for a bounded number of connections, and takes it from the idle', async () => {
    const world = await start({}, { ...SERVER_LIMITS, connectionsMax: 3 });
    const stream = await rawLine(world, GET_EVENTS);
    await received(stream, 'retry');
    const silent = await rawLine(world, '');
    const silentClosed = closed(silent);
    const slow = await rawLine(
      world,
      `${STRIKE}Content-Type: application/json\r\nContent-Length: 10\r\n\r\n{`,
    );
    const slowClosed = closed(slow);
    for (const cut of [silentClosed, slowClosed]) {
      const asking = await rawLine(world, `${STRIKE}\r\n`);
      expect(await received(asking, 'pending')).toMatch(/^HTTP\/1\.1 202 /);
      await cut;
    }
    expect(stream.closed).toBe(false);
  });

  it('has no room for more while all lines wait for an answer', async () => {
    const world = await start({}, { ...SERVER_LIMITS, connectionsMax: 2 });
    for (let index = 0; index < 2; index += 1) {
      await received(await rawLine(world, GET_EVENTS), 'retry');
    }
    expect(await received(await rawLine(world, GET_HEALTH))).toBe('');
  });

  it('says when its port is taken', async () => {
    const other = createNetServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const server = createServer({ app: () => {}, closeStreams: () => {}, clock: new ManualClock() });
    const { port } = other.address() as AddressInfo;
    await expect(server.listen('127.0.0.1', port)).rejects.toMatchObject({ code: 'EADDRINUSE' });
    other.close();
    await server.close();
  });
});

describe('closing', () => {
  it('ends streams, waits and idle connections, and answers what is under way', async () => {
    const world = await start();
    const stream = await world.ask('/claws/claw-1/events');
    const idle = await rawLine(world, '');
    const idleClosed = closed(idle);
    const waiting = world.post('/claws/claw-1/strike', undefined, { headers: { prefer: 'wait=30' } });
    await world.clock.armed(30_000);
    const ending = world.server.close();
    expect((await waiting).status).toBe(202);
    await stream.text();
    await Promise.all([ending, idleClosed, world.server.close()]);
    await expect(world.ask('/health')).rejects.toThrow();
  });

  it('cuts what does not end in time', async () => {
    const world = await start();
    const { promise, resolve } = Promise.withResolvers<void>();
    world.commands.answer = () => {
      resolve();
      return new Promise(() => {});
    };
    const stuck = rawLine(world, `${STRIKE}\r\n`);
    await promise;
    const line = await stuck;
    const cut = closed(line);
    const ending = world.server.close();
    world.clock.advance(SERVER_LIMITS.closeTimeoutMs);
    await Promise.all([ending, cut]);
  });
});
