/** Commands as their asker sees them, made from what control knows or from the rows of the log. Pure. */
import type { AuditRow } from '../domain/audit-event.ts';
import { VERB_RULES, VERBS, type Verb } from '../domain/command.ts';
import { type Outcome, outcomeCode, outcomeFrom, outcomeSentence } from '../domain/outcome.ts';
import type { CommandRecord, CommandRows, CommandSlot } from '../domain/ports.ts';

/** The record once its outcome is known. */
export function settledRecord(
  pending: CommandRecord,
  outcome: Outcome,
  durationMs: number | null,
): CommandRecord {
  return {
    ...pending,
    status: outcome.kind,
    code: outcomeCode(outcome),
    message: outcomeSentence(outcome),
    durationMs,
  };
}

/** Rebuilds a record from its rows; null when they are not a command's. */
export function recordFromRows(rows: CommandRows): CommandRecord | null {
  const { first, outcome } = rows;
  const verb = verbOfAction(first.action);
  if (verb === undefined || first.commandId === null || first.resourceId === null) return null;
  const pending: CommandRecord = {
    id: first.commandId,
    claw: first.resourceId,
    verb,
    status: 'pending',
    code: null,
    message: null,
    createdAt: new Date(first.createdAtMs).toISOString(),
    durationMs: null,
    simulated: first.simulated,
  };
  if (outcome === null) return pending;
  const known = outcomeFrom(outcome.status, outcome.errorMessage);
  return known === undefined ? pending : settledRecord(pending, known, outcome.durationMs);
}

function verbOfAction(action: string): Verb | undefined {
  return VERBS.find((verb) => VERB_RULES[verb].action === action);
}

/** Where an intent stands on the wire; null for those that have no number there (estop, reset). */
export function slotOfIntent(row: AuditRow): CommandSlot | null {
  const session = row.details?.session;
  const seq = row.details?.seq;
  return typeof session === 'string' && typeof seq === 'number' ? { session, seq } : null;
}
