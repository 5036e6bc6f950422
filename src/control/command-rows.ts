/** The audit rows of a command: the intent, the outcome, or the one row of an attempt that was refused. Pure. */
import type { AuditPhase, AuditRow, NewAuditEvent } from '../domain/audit-event.ts';
import { type Command, VERB_RULES } from '../domain/command.ts';
import { type Outcome, outcomeCode } from '../domain/outcome.ts';
import type { CommandRecord, CommandRequest, CommandSlot } from '../domain/ports.ts';

/** A command that was asked for and has an id. */
export interface AskedCommand {
  readonly request: CommandRequest;
  readonly record: CommandRecord;
}

/** Written before the first byte. The slot is where it will stand on the wire, if it has a number there. */
export function intentRow({ request, record }: AskedCommand, slot: CommandSlot | null): NewAuditEvent {
  const { command, idempotency } = request;
  const isStop = command.verb === 'stop' || command.verb === 'estop';
  return {
    ...rowOf(request, record.simulated, 'intent'),
    commandId: record.id,
    details: { ...argumentsOf(command), ...slot },
    status: 'pending',
    // A stop is never held back by a key, so none is kept for it.
    idempotency: isStop ? null : idempotency,
  };
}

export function outcomeRow(
  { request, record }: AskedCommand,
  outcome: Outcome,
  durationMs: number,
): NewAuditEvent {
  const row = rowOf(request, record.simulated, 'outcome');
  return { ...row, commandId: record.id, ...outcomeColumns(outcome), durationMs };
}

/** The one row of an attempt that began nothing. */
export function refusalRow(
  request: CommandRequest,
  simulated: boolean | null,
  outcome: Outcome,
): NewAuditEvent {
  const row = rowOf(request, simulated, 'refusal');
  return { ...row, details: argumentsOf(request.command), ...outcomeColumns(outcome), durationMs: 0 };
}

/** The outcome of an intent that an earlier life of the process left open; how long it took nobody knows. */
export function lateOutcomeRow(intent: AuditRow, outcome: Outcome): NewAuditEvent {
  const { seq: _seq, id: _id, createdAtMs: _createdAtMs, ...columns } = intent;
  const rest = { details: null, durationMs: null, idempotency: null };
  return { ...columns, ...rest, phase: 'outcome', ...outcomeColumns(outcome) };
}

function rowOf(request: CommandRequest, simulated: boolean | null, phase: AuditPhase): NewAuditEvent {
  return {
    ...request.actor,
    phase,
    action: VERB_RULES[request.command.verb].action,
    commandId: null,
    resourceType: 'claw',
    resourceId: request.claw,
    details: null,
    status: '',
    errorMessage: null,
    durationMs: null,
    idempotency: null,
    simulated,
  };
}

function outcomeColumns(outcome: Outcome) {
  return { status: outcome.kind, errorMessage: outcomeCode(outcome) };
}

function argumentsOf(command: Command): Record<string, unknown> {
  const { verb: _, ...given } = command;
  return given;
}
