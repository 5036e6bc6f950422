/** DNS rebinding and cross-origin requests: which hosts and origins are taken. Host needs a raw line: fetch sets it. */
import { describe, expect, it } from 'vitest';
import { rawLine, received, start, type World } from './support.ts';

async function statusFor(world: World, lines: readonly string[]): Promise<number> {
  const line = await rawLine(world, `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
  return Number((await received(line)).split(' ')[1]);
}

const SIGNED_IN = 'Authorization: Bearer player-1';

describe('the Host header', () => {
  it.each([
    '127.0.0.1',
    '192.168.1.20:8080',
    '[::1]:8080',
    '[fe80::1]',
    'localhost',
    'LOCALHOST:3000',
    'localhost.',
    'claw.local',
    'claw.example',
    'Claw.Example:8080',
  ])('may be %s', async (host) => {
    const world = await start();
    expect(await statusFor(world, ['GET /health HTTP/1.1', `Host: ${host}`])).toBe(200);
  });

  it.each([
    'evil.example',
    'claw.example.evil.example',
    'notclaw.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'local',
    'evil.example@127.0.0.1',
    '127.0.0.1/evil',
    '127.0.0.1:99999',
    '',
  ])('may not be %j', async (host) => {
    const world = await start();
    for (const request of ['GET /health', 'GET /claws', 'POST /claws/claw-1/estop']) {
      expect(await statusFor(world, [`${request} HTTP/1.1`, `Host: ${host}`, SIGNED_IN])).toBe(403);
    }
    expect(world.commands.requests).toEqual([]);
  });

  it('is wanted by HTTP/1.0 too', async () => {
    const world = await start();
    expect(await statusFor(world, ['GET /health HTTP/1.0'])).toBe(403);
  });

  it('cannot be outvoted by an absolute address', async () => {
    const world = await start();
    const lines = ['GET http://evil.example/claws HTTP/1.1', 'Host: localhost', SIGNED_IN];
    expect(await statusFor(world, lines)).toBe(400);
  });
});

describe('the Origin header', () => {
  it.each([
    'http://evil.example',
    'null',
    'https://localhost:8080',
    'http://localhost',
    'http://localhost:8081',
    'http://127.0.0.1:8080',
    'http://localhost:8080/',
  ])('%s may change nothing at localhost:8080', async (origin) => {
    const world = await start();
    for (const request of [
      'POST /claws/claw-1/strike',
      'POST /claws/claw-1/estop',
      'POST /setup',
      'POST /auth/sign-in/email',
      'OPTIONS /claws/claw-1/strike',
      'DELETE /claws',
    ]) {
      const lines = [`${request} HTTP/1.1`, 'Host: localhost:8080', `Origin: ${origin}`, SIGNED_IN];
      expect(await statusFor(world, lines)).toBe(403);
    }
    expect(world.commands.requests).toEqual([]);
    expect(world.setup.claims).toEqual([]);
  });

  it.each([
    ['localhost:8080', 'http://localhost:8080'],
    ['localhost:80', 'http://localhost'],
    ['[::1]:8080', 'http://[::1]:8080'],
    ['Claw.Local', 'http://claw.local'],
  ])('of %s may be %s', async (host, origin) => {
    const world = await start();
    const lines = ['POST /claws/claw-1/strike HTTP/1.1', `Host: ${host}`, `Origin: ${origin}`, SIGNED_IN];
    expect(await statusFor(world, lines)).toBe(202);
  });

  it('does not matter to plain reading, which a foreign page cannot look at', async () => {
    const world = await start();
    const lines = ['GET /health HTTP/1.1', 'Host: localhost', 'Origin: http://evil.example'];
    const line = await rawLine(world, `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`);
    const answer = await received(line);
    expect(answer).toMatch(/^HTTP\/1\.1 200 /);
    expect(answer.toLowerCase()).not.toContain('access-control-');
  });

  it('may not open an event stream', async () => {
    const world = await start();
    const lines = [
      'GET /claws/claw-1/events HTTP/1.1',
      'Host: localhost',
      'Origin: http://evil.example',
      SIGNED_IN,
    ];
    expect(await statusFor(world, lines)).toBe(403);
    expect(world.commands.listeners.size).toBe(0);
  });
});

it('answers a broken escape alike to all', async () => {
  const world = await start();
  for (const path of ['/claws/%E0%A4%A', '/%']) {
    expect((await world.ask(path)).status).toBe(400);
    expect((await world.ask(path, {}, null)).status).toBe(400);
  }
});
