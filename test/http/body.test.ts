/** Bodies that are too large, broken, of another type, slow or without end. */
import { describe, expect, it } from 'vitest';
import { BODY_BYTES_MAX } from '../../src/http/body.ts';
import { closed, problemOf, rawLine, received, start } from './support.ts';

const STRIKE = '/claws/claw-1/strike';
const HEAD =
  'HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer player-1\r\nContent-Type: application/json\r\n';

describe('a body', () => {
  it('may have 4096 bytes and not one more', async () => {
    const world = await start();
    const pad = (bytes: number) => `{}${' '.repeat(bytes - 2)}`;
    const send = (body: string) =>
      world.ask(STRIKE, { method: 'POST', body, headers: { 'content-type': 'application/json' } });
    expect((await send(pad(BODY_BYTES_MAX))).status).toBe(202);
    expect(await problemOf(await send(pad(BODY_BYTES_MAX + 1)))).toMatchObject({ code: 'body_too_large' });
  });

  it('of 1 MB is refused', async () => {
    const world = await start();
    const response = await world.post(STRIKE, { filler: 'x'.repeat(1024 * 1024) });
    expect(await problemOf(response)).toMatchObject({ code: 'body_too_large', status: 413 });
    expect(world.commands.requests).toEqual([]);
  });

  it('that says to be large is refused before it is sent', async () => {
    const world = await start();
    const line = await rawLine(world, `POST ${STRIKE} ${HEAD}Content-Length: 1048576\r\n\r\n`);
    expect(await received(line, 'body_too_large')).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('in chunks without end is refused at the bound, and its sender cut off', async () => {
    const world = await start();
    const line = await rawLine(world, `POST ${STRIKE} ${HEAD}Transfer-Encoding: chunked\r\n\r\n`);
    const cut = closed(line);
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const send = (): void => {
      while (!line.destroyed && line.write(chunk));
    };
    line.on('drain', send);
    const answer = received(line, 'body_too_large');
    send();
    expect(await answer).toMatch(/^HTTP\/1\.1 413 /);
    await cut;
    expect(world.commands.requests).toEqual([]);
  });

  it.each(['{', '{"vx":}', 'nonsense', '{}x', '{"a":1,}'])('%j is broken JSON', async (body) => {
    const world = await start();
    const headers = { 'content-type': 'application/json' };
    const response = await world.ask(STRIKE, { method: 'POST', body, headers });
    expect(await problemOf(response)).toMatchObject({ code: 'bad_json', status: 400 });
  });

  it('must be UTF-8', async () => {
    const world = await start();
    const body = new Uint8Array([0x22, 0xff, 0x22]);
    const headers = { 'content-type': 'application/json' };
    const response = await world.ask(STRIKE, { method: 'POST', body, headers });
    expect(await problemOf(response)).toMatchObject({ code: 'bad_json' });
  });

  it.each([
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/x-www-form-urlencoded' },
    { 'content-type': 'application/json-seq' },
    { 'content-type': 'application/json; charset=latin1' },
    { 'content-type': 'application/json', 'content-encoding': 'gzip' },
  ])('may not come as %j', async (headers) => {
    const world = await start();
    const response = await world.ask(STRIKE, { method: 'POST', body: '{}', headers });
    expect(await problemOf(response)).toMatchObject({ code: 'unsupported_media_type', status: 415 });
  });

  it.each([
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/json;charset="UTF-8"',
  ])('may come as %s', async (type) => {
    const world = await start();
    const headers = { 'content-type': type };
    expect((await world.ask(STRIKE, { method: 'POST', body: '{}', headers })).status).toBe(202);
  });

  it.each([undefined, '', ' \r\n', '{}'])('%j is as good as none', async (body) => {
    const world = await start();
    const headers = { 'content-type': 'application/json' };
    const response = await world.ask(STRIKE, {
      method: 'POST',
      headers,
      ...(body === undefined ? {} : { body }),
    });
    expect(response.status).toBe(202);
  });

  it('that breaks off asks for nothing', async () => {
    const world = await start();
    const line = await rawLine(world, `POST ${STRIKE} ${HEAD}Content-Length: 10\r\n\r\n{`);
    line.destroy();
    await world.meters.count(1);
    expect(world.meters.observations[0]).toMatchObject({ status: 499 });
    expect(world.commands.requests).toEqual([]);
    expect(world.log.lines).toEqual([]);
  });
});
