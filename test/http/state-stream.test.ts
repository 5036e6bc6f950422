/** A viewer that does not read: bounded memory, the newest state once it reads again, and the line cut at a heartbeat. */
import { describe, expect, it } from 'vitest';
import type { ClawSnapshot } from '../../src/domain/claw-state.ts';
import { HEARTBEAT_INTERVAL_MS } from '../../src/http/events.ts';
import { closed, rawLine, received, snapshotOf, start, type World } from './support.ts';

const OPEN = 'GET /claws/claw-1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer player-1\r\n\r\n';
const STATES = 4000;

function bulky(gripPercent: number): ClawSnapshot {
  return snapshotOf('claw-1', { gripPercent, faults: ['x'.repeat(8192)] });
}

/** A viewer that has read the first state and then reads no more, while 32 MB of states go by. */
async function slowViewer(world: World) {
  const line = await rawLine(world, OPEN);
  await received(line, 'id: 1\n');
  line.removeAllListeners('data');
  line.pause();
  for (let state = 1; state <= STATES; state++) {
    world.clock.advance(100);
    world.commands.publish(bulky(state));
  }
  return line;
}

describe('a slow viewer', () => {
  it('gets the newest state, not the ones it missed', async () => {
    const world = await start();
    // Heartbeats would cut the line first: the clock runs through 400 s of states at once.
    world.clock.after = () => () => {};
    const line = await slowViewer(world);
    const answer = received(line, `"gripPercent":${STATES},`);
    line.resume();
    const ids = [...(await answer).matchAll(/id: (\d+)\n/g)].map(([, id]) => Number(id));
    expect(ids.length).toBeLessThan(STATES / 2);
    // Numbered without gaps: what was passed over was never numbered, so never kept.
    expect(ids).toEqual(ids.map((_, index) => index + 2));
  });

  it('is cut off when it still does not read at a heartbeat', async () => {
    const world = await start();
    const line = await slowViewer(world);
    const cut = closed(line);
    world.clock.advance(HEARTBEAT_INTERVAL_MS);
    line.resume();
    await cut;
    expect(world.commands.listeners.size).toBe(0);
    expect(world.clock.pendingMs()).toEqual([]);
  });
});
