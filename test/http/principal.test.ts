/** Who gets in: signed-in people, by header only. */
import { describe, expect, it } from 'vitest';
import { problemOf, start } from './support.ts';

describe('the door', () => {
  it.each([
    ['no token', null],
    ['a foreign token', 'somebody-elses'],
  ])('is closed for %s', async (_what, as) => {
    const world = await start();
    const response = await world.ask('/me', {}, as);
    expect(response.headers.get('www-authenticate')).toBe('Bearer');
    expect(await problemOf(response)).toMatchObject({ code: 'unauthenticated', mayRetry: false });
  });

  it('is closed from the moment a session ends', async () => {
    const world = await start();
    expect((await world.ask('/me')).status).toBe(200);
    world.principals.people.delete('player-1');
    expect((await world.ask('/me')).status).toBe(401);
  });

  it('does not look for tokens in the address', async () => {
    const world = await start();
    for (const name of ['token', 'access_token', 'authorization', 'bearer']) {
      const response = await world.ask(`/me?${name}=player-1`, {}, null);
      expect(response.status).toBe(401);
    }
    expect(JSON.stringify(world.principals.asked)).not.toContain('player-1');
  });

  it('says when sessions cannot be checked', async () => {
    const world = await start();
    world.principals.down = true;
    expect(await problemOf(await world.ask('/me'))).toMatchObject({
      code: 'storage_unavailable',
      mayRetry: true,
    });
    expect(await problemOf(await world.post('/claws/claw-1/estop'))).toMatchObject({
      code: 'storage_unavailable',
    });
    expect(world.commands.requests).toEqual([]);
  });

  it('lets a stop pass for whoever was known before the database went away, and nothing else', async () => {
    const world = await start();
    world.principals.down = true;
    world.principals.lastKnown = world.principals.people.get('player-1') ?? 'unavailable';
    for (const verb of ['stop', 'estop']) {
      expect((await world.post(`/claws/claw-1/${verb}`)).status).toBe(202);
    }
    expect((await world.post('/claws/claw-1/strike')).status).toBe(503);
    expect(world.commands.requests.map(({ command }) => command.verb)).toEqual(['stop', 'estop']);
  });

  it('shows its own bugs as an error, not as an open door', async () => {
    const world = await start();
    world.principals.identify = () => Promise.reject(new Error('broken'));
    expect((await world.post('/claws/claw-1/strike')).status).toBe(500);
    expect(world.commands.requests).toEqual([]);
  });
});
