/** A claw that is ready for anything, for tests to vary. */
import type { ClawSnapshot } from '../../src/domain/claw-state.ts';

export const READY_SNAPSHOT: ClawSnapshot = {
  claw: 'claw-1',
  state: 'idle',
  link: 'up',
  linkReason: null,
  simulated: true,
  homed: true,
  position: { x: 0, y: 0, z: 0 },
  gripPercent: 0,
  inputs: null,
  faults: [],
  meters: { coins: 0, prizes: 0 },
  board: { firmware: 'SIMULATED-1', boot: '00001', resetCause: 'POR' },
  commandId: null,
};
