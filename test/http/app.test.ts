/** The app as a whole: every route denies by default, unknown ones tell nothing, and the safe headers stand on all. */
import { describe, expect, it } from 'vitest';
import { createApp, type HttpApp } from '../../src/http/app.ts';
import {
  HEALTHY,
  ManualClock,
  MemoryCommands,
  MemoryLog,
  MemoryMeters,
  MemoryPrincipals,
  MemorySetup,
  problemOf,
  start,
} from './support.ts';

/** The only routes that a stranger gets past the door of. Metrics asks loopback peers nothing; see metrics.test.ts. */
const OPEN_ROUTES = ['/auth/*splat', '/health', '/setup', '/metrics'];

function routesOf(http: HttpApp): readonly string[] {
  return http.app.router.stack.flatMap(({ route }) => (route === undefined ? [] : [route.path]));
}

function bare(): HttpApp {
  return createApp({
    commands: new MemoryCommands(),
    principals: new MemoryPrincipals(),
    setup: new MemorySetup(),
    authHandler: async () => {},
    meters: new MemoryMeters(),
    health: () => HEALTHY,
    log: new MemoryLog(),
    clock: new ManualClock(),
    allowedHosts: [],
  });
}

const closedRoutes = routesOf(bare()).filter((path) => !OPEN_ROUTES.includes(path));

describe('deny by default', () => {
  it('has the routes of the API', () => {
    expect(new Set(routesOf(bare()))).toEqual(
      new Set([
        ...OPEN_ROUTES,
        '/me',
        '/claws',
        '/claws/:claw',
        '/claws/:claw/events',
        '/claws/:claw/commands/:id',
        ...['jog', 'move', 'strike', 'capture', 'release', 'home', 'stop', 'estop', 'reset'].map(
          (verb) => `/claws/:claw/${verb}`,
        ),
      ]),
    );
  });

  it.each([
    ...closedRoutes,
    '/',
    '/nowhere',
    '/admin',
    '/.env',
    '/claws/claw-1/explode',
  ])('wants a signed-in person for %s by every method', async (template) => {
    const world = await start();
    const path = template.replace(':claw', 'claw-1').replace(':id', 'x');
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
      const response = await world.ask(path, { method }, null);
      expect(response.status, method).toBe(401);
      expect(response.headers.get('allow')).toBeNull();
      if (method !== 'HEAD') expect(await problemOf(response)).toMatchObject({ code: 'unauthenticated' });
    }
    expect(world.commands.requests).toEqual([]);
  });

  it.each([
    '/',
    '/nowhere',
    '/claws/claw-1/explode',
    '/CLAWS',
    '/auth',
    '/health/x',
  ])('tells a signed-in person that there is no %s', async (path) => {
    const world = await start();
    expect(await problemOf(await world.ask(path))).toMatchObject({ code: 'not_found' });
    expect(await problemOf(await world.post(path))).toMatchObject({ code: 'not_found' });
  });
});

it('puts the safe headers on every answer', async () => {
  const world = await start();
  for (const path of ['/health', '/me', '/nowhere', '/auth/x', '/metrics']) {
    const { headers } = await world.ask(path);
    expect(headers.get('content-security-policy')).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('etag')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

it('ends what is open when told to, and what comes later', async () => {
  const world = await start();
  const events = await world.ask('/claws/claw-1/events');
  const waiting = world.post('/claws/claw-1/strike', undefined, { headers: { prefer: 'wait=30' } });
  await world.clock.armed(30_000);
  world.http.closeStreams();
  await events.text();
  expect((await waiting).status).toBe(202);
  await (await world.ask('/claws/claw-1/events')).text();
  expect(world.commands.listeners.size).toBe(0);
});
