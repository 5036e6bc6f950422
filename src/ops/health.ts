/** How the process is, in one object: what GET /health shows. Pure; the parts are read by compose. */
import type { ClawSnapshot } from '../domain/claw-state.ts';
import type { HealthReport, PartHealth } from '../domain/ports.ts';

export interface HealthInputs {
  readonly version: string;
  readonly uptimeS: number;
  readonly storage: PartHealth;
  readonly claws: readonly ClawSnapshot[];
}

const NOT_CONFIGURED: PartHealth = { status: 'disabled', reason: 'not configured' };

/**
 * `down` when no command can be taken: the log cannot be written, or no claw at all can be reached. One claw of several
 * out of reach, or latched, is `degraded`.
 */
export function healthReport({ version, uptimeS, storage, claws }: HealthInputs): HealthReport {
  const parts = claws.map((snapshot) => [snapshot.claw, clawHealth(snapshot)] as const);
  const allDown = parts.length > 0 && parts.every(([, part]) => part.status === 'down');
  const down = storage.status === 'down' || allDown;
  const degraded = storage.status !== 'up' || parts.some(([, part]) => part.status !== 'up');
  return {
    status: down ? 'down' : degraded ? 'degraded' : 'up',
    version,
    uptimeS,
    storage,
    redis: NOT_CONFIGURED,
    mqtt: NOT_CONFIGURED,
    claws: Object.fromEntries(parts),
  };
}

function clawHealth(snapshot: ClawSnapshot): PartHealth & { readonly simulated: boolean | null } {
  const { simulated } = snapshot;
  if (snapshot.link !== 'up') return { status: 'down', reason: snapshot.linkReason, simulated };
  if (snapshot.state === 'estop')
    return { status: 'degraded', reason: 'an emergency stop is latched', simulated };
  if (snapshot.state === 'fault')
    return { status: 'degraded', reason: snapshot.faults.join(', '), simulated };
  return { status: 'up', reason: null, simulated };
}
