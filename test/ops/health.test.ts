/** What GET /health says of the parts, and when commands cannot be taken. */
import { describe, expect, it } from 'vitest';
import type { ClawSnapshot } from '../../src/domain/claw-state.ts';
import type { PartHealth } from '../../src/domain/ports.ts';
import { healthReport } from '../../src/ops/health.ts';
import { READY_SNAPSHOT } from '../support/snapshots.ts';

const UP: PartHealth = { status: 'up', reason: null };

function report(changes: readonly Partial<ClawSnapshot>[], storage: PartHealth = UP) {
  const claws = changes.map((change, index) => ({ ...READY_SNAPSHOT, claw: `claw-${index + 1}`, ...change }));
  return healthReport({ version: '1.2.3', uptimeS: 5, storage, claws });
}

describe('health', () => {
  it('is up when the log can be written and every claw is reached', () => {
    expect(report([{}])).toEqual({
      status: 'up',
      version: '1.2.3',
      uptimeS: 5,
      storage: UP,
      redis: { status: 'disabled', reason: 'not configured' },
      mqtt: { status: 'disabled', reason: 'not configured' },
      claws: { 'claw-1': { ...UP, simulated: true } },
    });
  });

  it('is degraded while one claw of several is out of reach, latched or at fault', () => {
    const away = { link: 'down', linkReason: 'no such port' } as const;
    expect(report([{}, away])).toMatchObject({
      status: 'degraded',
      claws: { 'claw-2': { status: 'down', reason: expect.stringContaining('cannot be reached') } },
    });
    expect(report([{ state: 'estop' }]).status).toBe('degraded');
    expect(report([{ state: 'fault', faults: ['hoist_up'] }])).toMatchObject({
      status: 'degraded',
      claws: { 'claw-1': { reason: 'hoist_up' } },
    });
  });

  it('is down when no command can be taken', () => {
    expect(report([{ link: 'down' }, { link: 'connecting' }]).status).toBe('down');
    expect(report([{}], { status: 'down', reason: 'disk full' })).toMatchObject({
      status: 'down',
      storage: { reason: expect.stringContaining('cannot be used') },
    });
  });

  it('names no path and no device: anybody may ask', () => {
    const away = { link: 'down', linkReason: 'cannot open /dev/ttyUSB0' } as const;
    const text = JSON.stringify(report([away], { status: 'down', reason: '/var/lib/x is full' }));
    expect(text).not.toMatch(/ttyUSB0|var/);
  });
});
