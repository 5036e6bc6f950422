/** The event stream over real HTTP: first state, changes, heartbeats, bounds and every way it ends. */
import { describe, expect, it } from 'vitest';
import { HEARTBEAT_INTERVAL_MS, STREAMS_MAX, STREAMS_PER_USER_MAX } from '../../src/http/events.ts';
import { problemOf, snapshotOf, start, type World } from './support.ts';

const EVENTS = '/claws/claw-1/events';

/** Opens a stream; `until` reads on to a text, and answers with all that was read so far. */
async function watch(world: World, as = 'player-1') {
  const abort = new AbortController();
  const response = await world.ask(EVENTS, { signal: abort.signal }, as);
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const until = async (wanted: string | null): Promise<string> => {
    while (wanted === null || !text.includes(wanted)) {
      const { done, value } = await reader.read();
      if (done) {
        if (wanted === null) return text;
        throw new Error(`the stream ended without ${wanted}: ${text}`);
      }
      text += value;
    }
    return text;
  };
  return { response, until, leave: () => abort.abort() };
}

describe('an event stream', () => {
  it('begins with the state as it is', async () => {
    const world = await start();
    const { response, until } = await watch(world);
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await until('data: ')).toContain('retry: 2000\n\n');
    const text = await until('}\n\n');
    expect(text).toContain(`event: state\nid: 1\ndata: ${JSON.stringify(snapshotOf('claw-1'))}\n\n`);
  });

  it('goes on with each change of this claw, at most ten a second', async () => {
    const world = await start();
    const { until } = await watch(world);
    await until('id: 1\n');
    world.commands.publish(snapshotOf('Claw B', { state: 'fault' }));
    for (let gripPercent = 1; gripPercent <= 50; gripPercent++) {
      world.commands.publish(snapshotOf('claw-1', { gripPercent }));
    }
    world.clock.advance(100);
    const text = await until('id: 2\n').then(() => until('"gripPercent":50'));
    expect(text).not.toMatch(/"gripPercent":49|"fault"/);
    world.clock.advance(100);
    world.commands.publish(snapshotOf('claw-1', { state: 'moving' }));
    expect(await until('"moving"')).toContain('id: 3\n');
  });

  it('says nothing while nothing changes, though the board tells its state all the time', async () => {
    const world = await start();
    const { until } = await watch(world);
    await until('id: 1\n');
    for (let told = 0; told < 20; told++) {
      world.clock.advance(100);
      world.commands.publish(snapshotOf('claw-1'));
    }
    world.clock.advance(100);
    world.commands.publish(snapshotOf('claw-1', { state: 'moving' }));
    expect(await until('"moving"')).toMatch(/id: 2\n/);
  });

  it('is observed when it opens, not when it ends', async () => {
    const world = await start();
    await watch(world);
    await world.meters.count(1);
    expect(world.meters.observations).toMatchObject([{ route: '/claws/:claw/events', status: 200 }]);
  });

  it('beats, and asks again who is watching', async () => {
    const world = await start();
    const { until } = await watch(world);
    await until('id: 1\n');
    world.clock.advance(HEARTBEAT_INTERVAL_MS);
    await until('\n:\n\n');
    expect(world.principals.asked).toHaveLength(2);
    world.principals.down = true;
    await world.clock.armed(HEARTBEAT_INTERVAL_MS);
    world.clock.advance(HEARTBEAT_INTERVAL_MS);
    await until(':\n\n:\n\n');
    world.principals.down = false;
    world.principals.people.delete('player-1');
    await world.clock.armed(HEARTBEAT_INTERVAL_MS);
    world.clock.advance(HEARTBEAT_INTERVAL_MS);
    await until(null);
    expect(world.commands.listeners.size).toBe(0);
    expect(world.clock.pendingMs()).toEqual([]);
  });

  it('ends when the check of its viewer fails', async () => {
    const world = await start();
    const { until } = await watch(world);
    world.principals.identify = () => Promise.reject(new Error('broken'));
    world.clock.advance(HEARTBEAT_INTERVAL_MS);
    await until(null);
    expect(world.log.lines).toMatchObject([{ level: 'error' }]);
  });

  it('leaves nothing behind when its viewer leaves', async () => {
    const world = await start();
    const gone = Promise.withResolvers<void>();
    const { subscribe } = world.commands;
    world.commands.subscribe = (claw, listener) => {
      const end = subscribe.call(world.commands, claw, listener);
      return () => {
        end();
        gone.resolve();
      };
    };
    const { until, leave } = await watch(world);
    await until('id: 1\n');
    leave();
    await gone.promise;
    expect(world.commands.listeners.size).toBe(0);
    expect(world.clock.pendingMs()).toEqual([]);
  });

  it('needs a claw', async () => {
    const world = await start();
    expect(await problemOf(await world.ask('/claws/claw-9/events'))).toMatchObject({ code: 'unknown_claw' });
  });
});

describe('the number of streams', () => {
  it('is bounded for each person, and a place that is left can be taken', async () => {
    const world = await start();
    const open = await Promise.all(Array.from({ length: STREAMS_PER_USER_MAX }, () => watch(world)));
    expect(await problemOf(await world.ask(EVENTS))).toMatchObject({ code: 'overloaded', status: 503 });
    await watch(world, 'operator-1');
    world.principals.people.delete('player-1');
    world.clock.advance(HEARTBEAT_INTERVAL_MS);
    await Promise.all(open.map(({ until }) => until(null)));
    world.principals.people.set('player-1', { userId: 'player-1', email: 'p', name: 'p', role: 'player' });
    expect((await watch(world)).response.status).toBe(200);
  });

  it('is bounded for all', async () => {
    const world = await start();
    const people = Array.from({ length: STREAMS_MAX + 1 }, (_, index) => `viewer-${index}`);
    for (const userId of people) {
      world.principals.people.set(userId, { userId, email: userId, name: userId, role: 'player' });
    }
    for (const userId of people.slice(1)) expect((await watch(world, userId)).response.status).toBe(200);
    expect(await problemOf(await world.ask(EVENTS, {}, people[0]!))).toMatchObject({ code: 'overloaded' });
    expect(world.commands.listeners.size).toBe(STREAMS_MAX);
  });
});
