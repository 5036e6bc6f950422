/** What the meters are told: templates, never paths, and every request once. */
import { describe, expect, it } from 'vitest';
import { closed, rawLine, start } from './support.ts';

describe('the observation of requests', () => {
  it('names the template, also where the request was refused at the door', async () => {
    const world = await start();
    await world.post('/claws/claw-1/strike');
    await world.post('/claws/claw-1/strike', undefined, {}, null);
    await world.ask('/claws/Claw%20B');
    await world.ask('/auth/sign-in/email');
    await world.meters.count(4);
    expect(world.meters.observations.map(({ method, route, status }) => [method, route, status])).toEqual([
      ['POST', '/claws/:claw/strike', 202],
      ['POST', '/claws/:claw/strike', 401],
      ['GET', '/claws/:claw', 200],
      ['GET', '/auth/*splat', 200],
    ]);
  });

  it('gives a thousand made-up paths one label', async () => {
    const world = await start();
    const paths = Array.from({ length: 200 }, (_, index) => [
      `/made-up-${index}`,
      `/claws/made-up-${index}`,
      `/claws/claw-1/made-up-${index}`,
      `/claws/claw-1/commands/made-up-${index}`,
      `/%E0%A4%A-${index}`,
    ]).flat();
    const as = ['player-1', null] as const;
    for (let from = 0; from < paths.length; from += 50) {
      const some = paths.slice(from, from + 50);
      await Promise.all(some.map((path, index) => world.ask(path, {}, as[index % 2])));
    }
    await world.meters.count(paths.length);
    const labels = new Set(world.meters.observations.map(({ route }) => route));
    expect(labels).toEqual(new Set(['unmatched', '/claws/:claw', '/claws/:claw/commands/:id']));
  });

  it('gives unusual methods one label', async () => {
    const world = await start();
    for (const method of ['PROPFIND', 'MKCOL', 'PURGE']) await world.ask('/claws', { method });
    await world.meters.count(3);
    expect(new Set(world.meters.observations.map(({ method }) => method))).toEqual(new Set(['other']));
  });

  it('measures by the clock it was given', async () => {
    const world = await start();
    const asked = world.post('/claws/claw-1/strike', undefined, { headers: { prefer: 'wait=5' } });
    await world.clock.armed(5000);
    world.clock.advance(5000);
    await (await asked).text();
    await world.meters.count(1);
    expect(world.meters.observations[0]).toMatchObject({ durationMs: 5000, status: 202 });
  });

  it('tells of a client that left before its answer', async () => {
    const world = await start();
    const line = await rawLine(
      world,
      'POST /claws/claw-1/strike HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer player-1\r\nPrefer: wait=5\r\n\r\n',
    );
    await world.clock.armed(5000);
    line.destroy();
    await closed(line);
    await world.meters.count(1);
    expect(world.meters.observations[0]).toMatchObject({ route: '/claws/:claw/strike', status: 499 });
  });
});
