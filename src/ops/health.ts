/**
 * How the process is, in one object: what GET /health shows. Anybody may ask, so it names no path and no device: the
 * log says why, and GET /claws to whoever is signed in. Pure; the parts are read by compose.
 */
import type { ClawSnapshot } from '../domain/claw-state.ts';
import type { HealthReport, PartHealth } from '../domain/ports.ts';

export interface HealthInputs {
  readonly version: string;
  readonly uptimeS: number;
  readonly storage: PartHealth;
  readonly claws: readonly ClawSnapshot[];
}

const STORAGE_REASON = 'the database cannot be used; the log says why';
const LINK_REASON = 'the claw cannot be reached; GET /claws says why to the signed-in';
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
    storage: storage.status === 'up' ? storage : { status: storage.status, reason: STORAGE_REASON },
    redis: NOT_CONFIGURED,
    mqtt: NOT_CONFIGURED,
    claws: Object.fromEntries(parts),
  };
}

function clawHealth(snapshot: ClawSnapshot): PartHealth & { readonly simulated: boolean | null } {
  const { simulated } = snapshot;
  if (snapshot.link !== 'up') return { status: 'down', reason: LINK_REASON, simulated };
  if (snapshot.state === 'estop')
    return { status: 'degraded', reason: 'an emergency stop is latched', simulated };
  if (snapshot.state === 'fault')
    return { status: 'degraded', reason: snapshot.faults.join(', '), simulated };
  return { status: 'up', reason: null, simulated };
}
