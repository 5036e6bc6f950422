/** May this person do this, now? Pure; control asks it before anything is written or sent. */

import type { ClawSnapshot } from './claw-state.ts';
import { MOVING_STATES } from './claw-state.ts';
import { type Command, VERB_RULES } from './command.ts';
import type { RefusalCode } from './outcome.ts';
import { type Role, roleAllows } from './roles.ts';

export type Verdict = { readonly kind: 'allowed' } | { readonly kind: 'refused'; readonly code: RefusalCode };

const ALLOWED: Verdict = { kind: 'allowed' };
const refused = (code: RefusalCode): Verdict => ({ kind: 'refused', code });

/**
 * Decides by role and by the claw's state. Role comes first, so that somebody without the right learns nothing of the
 * state. Stop and estop are allowed in every state: what cannot be reached is told by the outcome, not by a verdict.
 */
export function decide(
  command: Command,
  role: Role,
  snapshot: ClawSnapshot,
  running: Command | null,
): Verdict {
  const rule = VERB_RULES[command.verb];
  if (!roleAllows(role, rule.role)) return refused('not_permitted');
  if (command.verb === 'stop' || command.verb === 'estop') return ALLOWED;
  if (snapshot.link !== 'up') return refused('link_down');
  if (command.verb === 'reset') return snapshot.state === 'estop' ? ALLOWED : refused('not_latched');
  if (snapshot.state === 'estop') return refused('latched');
  const renewsJog = command.verb === 'jog' && running?.verb === 'jog';
  if (running !== null && !renewsJog) return refused('busy');
  if (!renewsJog && MOVING_STATES.includes(snapshot.state)) return refused('busy');
  // Homing finds the position again, so it is the way out of a fault and of a lost position.
  if (command.verb === 'home') return ALLOWED;
  if (snapshot.state === 'fault' || snapshot.state === 'disabled') return refused('fault');
  if (rule.needsHomed && !snapshot.homed) return refused('not_homed');
  return ALLOWED;
}
