/** The link on a real tty: a pty pair by socat, the serialport library's own binding at one end, the board at the other. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { SimulatedBoard } from '../../scripts/support/simulated-board.ts';
import { SimulatedLine } from '../../scripts/support/simulated-line.ts';
import type { ClawSnapshot } from '../../src/domain/claw-state.ts';
import { LinkSupervisor } from '../../src/link/supervisor.ts';
import { systemClock } from '../../src/ops/clock.ts';
import { FAR, HOME, STRIKE } from './support.ts';

let folder: string;
let board: SimulatedBoard;
let line: SimulatedLine;
let link: LinkSupervisor;
let nonce = 0;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'claw-pty-'));
  const path = join(folder, 'tty');
  board = new SimulatedBoard({ speed: 20, seed: 5 });
  board.start();
  line = new SimulatedLine(
    { kind: 'pty', path },
    board,
    () => {},
    () => {},
  );
  link = new LinkSupervisor({
    claw: 'claw-1',
    path,
    makePort: (tty) => new SerialPort({ path: tty, baudRate: 115_200, autoOpen: false }),
    clock: systemClock,
    makeNonce: () => {
      nonce += 1;
      return nonce.toString(16).toUpperCase().padStart(8, '0');
    },
    random: Math.random,
    onTransition: () => {},
  });
});
afterEach(async () => {
  await link.close();
  await line.unplug();
  board.stop();
  rmSync(folder, { recursive: true });
});

function until(isSo: (snapshot: ClawSnapshot) => boolean): Promise<ClawSnapshot> {
  return new Promise((resolve) => {
    const look = (snapshot: ClawSnapshot): boolean => {
      if (isSo(snapshot)) resolve(snapshot);
      return isSo(snapshot);
    };
    if (look(link.snapshot())) return;
    const stop = link.subscribe((snapshot) => look(snapshot) && stop());
  });
}

const durable = async () => true;

it('waits for its tty, plays, and stops at once', async () => {
  link.start();
  await until(({ linkReason }) => /cannot open|no such file/i.test(linkReason ?? ''));
  await line.plug();
  await until((snapshot) => snapshot.link === 'up');
  expect(await link.execute(HOME, 'home', durable)).toEqual({ kind: 'done' });
  expect(await link.execute(FAR, 'move', durable)).toEqual({ kind: 'done' });
  const strike = link.execute(STRIKE, 'strike', durable);
  await until(({ state }) => state === 'descending');
  expect(await link.estop()).toEqual({ kind: 'done' });
  expect(await strike).toEqual({ kind: 'failed', code: 'estop' });
  await until(({ state, link: status }) => status === 'up' && state === 'estop');
  expect(await link.reset()).toEqual({ kind: 'done' });
  expect(board.motions).toBe(3);
});

it('asks after what a pulled cable cut, and runs it no second time', async () => {
  await line.plug();
  link.start();
  await until((snapshot) => snapshot.link === 'up');
  board.setFault('slow', true);
  const homing = link.execute(HOME, 'home', durable);
  await until(({ state }) => state === 'homing');
  await line.unplug();
  await until((snapshot) => snapshot.link === 'down');
  await line.plug();
  expect(['failed', 'done']).toContain((await homing).kind);
  await until((snapshot) => snapshot.link === 'up');
  expect(board.motions).toBe(1);
});
