/** What each role learns of itself. */
import { describe, expect, it } from 'vitest';
import { rightsOf } from '../../src/http/me.ts';
import { start } from './support.ts';

const PLAYER = ['jog', 'move', 'strike', 'capture', 'release', 'stop', 'estop', 'watch'];

describe('GET /me', () => {
  it.each([
    ['player', PLAYER],
    ['operator', [...PLAYER, 'home', 'reset']],
    ['technician', [...PLAYER, 'home', 'reset', 'metrics']],
    ['admin', [...PLAYER, 'home', 'reset', 'metrics']],
  ] as const)('tells a %s what it may do', async (role, may) => {
    const world = await start();
    const me = (await (await world.ask('/me', {}, `${role}-1`)).json()) as { readonly may: string[] };
    expect(me).toMatchObject({ userId: `${role}-1`, email: `${role}-1@example.test`, name: role, role });
    expect(new Set(me.may)).toEqual(new Set(may));
    expect(rightsOf(role)).toEqual(me.may);
  });
});
