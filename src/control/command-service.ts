/**
 * One press of the button, in order: decide, make the intent durable, send, await the outcome, make the outcome durable.
 * Stop and estop are the exception: they go to the line first, and their rows follow. Knows the log and the links only
 * by their interfaces.
 */
import { type ClawSnapshot, MOVING_STATES } from '../domain/claw-state.ts';
import { isMotion, type MotionCommand, type Verb } from '../domain/command.ts';
import { decide } from '../domain/decide.ts';
import type { Outcome, RefusalCode } from '../domain/outcome.ts';
import type {
  AuditLog,
  ClawLink,
  Clock,
  CommandRecord,
  CommandRequest,
  CommandSlot,
  Commands,
  Log,
  Submission,
} from '../domain/ports.ts';
import { recordFromRows, settledRecord, slotOfIntent } from './command-record.ts';
import { intentRow, lateOutcomeRow, outcomeRow, refusalRow } from './command-rows.ts';
import { IdempotencyKeys } from './idempotency.ts';
import { OutcomeWriter } from './outcome-writer.ts';
import { type PressedStop, StopKeys } from './stop-keys.ts';

/** Commands kept in memory for quick answers; older ones are read from the log. */
const RECENT_COMMANDS_MAX = 1000;

export interface CommandServiceParts {
  readonly links: ReadonlyMap<string, ClawLink>;
  readonly audit: AuditLog;
  readonly clock: Clock;
  readonly log: Log;
  readonly makeId: () => string;
  /** Told of every command that ended, and of every attempt refused before it began. */
  readonly onOutcome: (verb: Verb, outcome: Outcome, durationMs: number) => void;
}

interface Accepted {
  readonly request: CommandRequest;
  readonly link: ClawLink;
  readonly record: CommandRecord;
  readonly startedAtMs: number;
}

export class CommandService implements Commands {
  readonly #parts: CommandServiceParts;
  readonly #keys = new IdempotencyKeys();
  readonly #stopKeys = new StopKeys((stop) => stop.holds());
  readonly #stopPresses = new StopKeys((stop) => stop.holds() && !stop.isWritten());
  readonly #outcomes: OutcomeWriter;
  readonly #recent = new Map<string, CommandRecord>();
  /** The motion at work on each claw. */
  readonly #running = new Map<string, { readonly id: string; readonly command: MotionCommand }>();
  /** Emergency stops asked of each claw: a reset that was asked before the last of them must not clear it. */
  readonly #estops = new Map<string, number>();
  #closing = false;

  constructor(parts: CommandServiceParts) {
    this.#parts = parts;
    this.#outcomes = new OutcomeWriter(parts.audit, parts.clock, parts.log);
  }

  claws(): readonly ClawSnapshot[] {
    return [...this.#parts.links.values()].map((link) => link.snapshot());
  }

  claw(claw: string): ClawSnapshot | undefined {
    return this.#parts.links.get(claw)?.snapshot();
  }

  subscribe(claw: string, listener: (snapshot: ClawSnapshot) => void): () => void {
    return this.#parts.links.get(claw)?.subscribe(listener) ?? (() => {});
  }

  submit(request: CommandRequest): Promise<Submission> {
    const link = this.#parts.links.get(request.claw);
    if (link === undefined) return Promise.resolve({ kind: 'unknown_claw' });
    const { idempotency, actor, command } = request;
    const userId = actor.userId;
    if (command.verb === 'stop' || command.verb === 'estop') {
      return Promise.resolve(this.#stop(request, link).submission);
    }
    if (idempotency === null || userId === null) return this.#begin(request, link);
    const { key, fingerprint } = idempotency;
    return this.#keys.once(userId, key, fingerprint, async () => {
      return (await this.#earlier(userId, key, fingerprint)) ?? this.#begin(request, link);
    });
  }

  async find(claw: string, commandId: string): Promise<CommandRecord | null | 'unavailable'> {
    const recent = this.#recent.get(commandId);
    if (recent) return recent.claw === claw ? recent : null;
    try {
      const rows = await this.#parts.audit.commandById(commandId);
      const record = rows && recordFromRows(rows);
      return record?.claw === claw ? record : null;
    } catch (error) {
      this.#parts.log.error({ err: error }, 'the audit log cannot be read');
      return 'unavailable';
    }
  }

  /**
   * Closes what an earlier life left open, as truthfully as can be known: a numbered command is asked of its board
   * whenever that can be reached; nothing is ever sent again.
   */
  async recover(): Promise<void> {
    for (const intent of await this.#parts.audit.openIntents()) {
      const link = this.#parts.links.get(intent.resourceId ?? '');
      const slot = slotOfIntent(intent);
      const outcome: Promise<Outcome> =
        link === undefined
          ? Promise.resolve({ kind: 'unknown', code: 'claw_removed' })
          : slot === null
            ? Promise.resolve({ kind: 'unknown', code: 'gateway_restarted' })
            : link.inquire(slot);
      void outcome.then((known) => {
        if (this.#closing) return;
        this.#parts.log.warn(
          { command: intent.commandId, action: intent.action, ...known },
          'closed an open command',
        );
        return this.#outcomes.write(lateOutcomeRow(intent, known));
      });
    }
  }

  /** From here on nothing new begins, and what ends without an answer stays open in the log for the next start. */
  close(): void {
    this.#closing = true;
  }

  /** After the links have closed: no more rows. */
  closeRows(): void {
    this.#outcomes.close();
  }

  async #begin(request: CommandRequest, link: ClawLink): Promise<Submission> {
    const snapshot = link.snapshot();
    const verdict = this.#closing
      ? ({ kind: 'refused', code: 'shutting_down' } as const)
      : decide(request.command, request.role, snapshot, this.#running.get(request.claw)?.command ?? null);
    if (verdict.kind === 'refused') return this.#refuse(request, snapshot, verdict.code);
    const accepted = this.#newCommand(request, link, snapshot);
    return isMotion(request.command) ? this.#move(accepted, request.command) : this.#reset(accepted);
  }

  /** Nothing reaches the wire before `record` has made the intent durable; the link sees to that order. */
  #move(accepted: Accepted, command: MotionCommand): Promise<Submission> {
    const { link, record } = accepted;
    return new Promise((resolve) => {
      let intentIsDurable = false;
      const running = { id: record.id, command };
      const recordIntent = async (slot: CommandSlot): Promise<boolean> => {
        this.#running.set(record.claw, running);
        const result = await this.#parts.audit.append(intentRow(accepted, slot));
        if (result.kind === 'unavailable') return false;
        intentIsDurable = true;
        resolve({ kind: 'accepted', record: this.#remember(record), settled });
        return true;
      };
      const outcome = link.execute(command, record.id, recordIntent).then((known) => {
        if (this.#running.get(record.claw) === running) this.#running.delete(record.claw);
        return known;
      });
      const settled = outcome.then(async (known) => {
        if (intentIsDurable) return this.#settle(accepted, known);
        const code = known.kind === 'refused' ? known.code : 'audit_unavailable';
        resolve(await this.#refuse(accepted.request, link.snapshot(), code));
        return settledRecord(record, known, this.#elapsed(accepted));
      });
    });
  }

  async #reset(accepted: Accepted): Promise<Submission> {
    const { claw } = accepted.record;
    const estopsBefore = this.#estops.get(claw);
    const result = await this.#parts.audit.append(intentRow(accepted, null));
    if (result.kind === 'unavailable') {
      return this.#refuse(accepted.request, accepted.link.snapshot(), 'audit_unavailable');
    }
    // Whoever pressed while the disk was at work saw a danger that this operator did not know of.
    const overtaken: Outcome = { kind: 'refused', code: 'stopped_first' };
    const outcome =
      this.#estops.get(claw) === estopsBefore ? accepted.link.reset() : Promise.resolve(overtaken);
    const settled = outcome.then((known) => this.#settle(accepted, known));
    return { kind: 'accepted', record: this.#remember(accepted.record), settled };
  }

  /** On the wire before anything else happens, each time; the answer waits for no disk. */
  #stop(request: CommandRequest, link: ClawLink): PressedStop {
    const { claw, idempotency } = request;
    const { verb } = request.command;
    const { userId } = request.actor;
    if (verb === 'estop') this.#estops.set(claw, (this.#estops.get(claw) ?? 0) + 1);
    const outcome = verb === 'estop' ? link.estop() : link.stop();
    const press = () =>
      this.#stopPresses.once([userId, claw, verb], () => this.#newStop(request, link, outcome));
    return idempotency === null
      ? press()
      : this.#stopKeys.once([userId, idempotency.key, idempotency.fingerprint], press);
  }

  #newStop(request: CommandRequest, link: ClawLink, outcome: Promise<Outcome>): PressedStop {
    const { claw, command } = request;
    const accepted = this.#newCommand(request, link, link.snapshot());
    const written = this.#outcomes.write(intentRow(accepted, null));
    const settled = Promise.all([outcome, written]).then(([known]) => this.#settle(accepted, known));
    let told: Outcome['kind'] | 'pending' = 'pending';
    void outcome.then(({ kind }) => {
      told = kind;
    });
    let isTried = false;
    void written.then(() => {
      isTried = true;
    });
    const atRest = (): boolean =>
      command.verb === 'estop'
        ? link.snapshot().state === 'estop'
        : !this.#running.has(claw) && !MOVING_STATES.includes(link.snapshot().state);
    return {
      submission: { kind: 'accepted', record: this.#remember(accepted.record), settled },
      holds: () => told === 'pending' || (told === 'done' && atRest()),
      isWritten: () => isTried && !this.#outcomes.waits(accepted.record.id),
    };
  }

  async #settle(accepted: Accepted, outcome: Outcome): Promise<CommandRecord> {
    const { record } = accepted;
    const durationMs = this.#elapsed(accepted);
    // The end of this process is no outcome: the intent stays open, and the next start asks the board.
    if (outcome.kind === 'unknown' && outcome.code === 'gateway_restarted') return record;
    const settled = settledRecord(record, outcome, durationMs);
    this.#parts.onOutcome(record.verb, outcome, durationMs);
    await this.#outcomes.write(outcomeRow(accepted, outcome, durationMs));
    return this.#remember(settled);
  }

  async #refuse(request: CommandRequest, snapshot: ClawSnapshot, code: RefusalCode): Promise<Submission> {
    const outcome: Outcome = { kind: 'refused', code };
    this.#parts.onOutcome(request.command.verb, outcome, 0);
    // Not awaited: a refusal must not wait for the disk that may be its cause.
    void this.#parts.audit.append(refusalRow(request, snapshot.simulated, outcome));
    return { kind: 'refused', code };
  }

  /** What this key stood for in an earlier life of the process; null when it is new. */
  async #earlier(userId: string, key: string, fingerprint: string): Promise<Submission | null> {
    try {
      const rows = await this.#parts.audit.commandByKey(userId, key);
      if (rows === null) return null;
      if (rows.first.idempotency?.fingerprint !== fingerprint) return { kind: 'key_reused' };
      const record = recordFromRows(rows);
      return record && { kind: 'accepted', record, settled: Promise.resolve(record) };
    } catch (error) {
      this.#parts.log.error({ err: error }, 'the audit log cannot be read');
      return { kind: 'storage_unavailable' };
    }
  }

  #newCommand(request: CommandRequest, link: ClawLink, snapshot: ClawSnapshot): Accepted {
    const { clock, makeId } = this.#parts;
    const record: CommandRecord = {
      id: makeId(),
      claw: request.claw,
      verb: request.command.verb,
      status: 'pending',
      code: null,
      message: null,
      createdAt: new Date(clock.wallMs()).toISOString(),
      durationMs: null,
      simulated: snapshot.simulated,
    };
    return { request, link, record, startedAtMs: clock.monotonicMs() };
  }

  #elapsed(accepted: Accepted): number {
    return Math.round(this.#parts.clock.monotonicMs() - accepted.startedAtMs);
  }

  #remember(record: CommandRecord): CommandRecord {
    this.#recent.delete(record.id);
    this.#recent.set(record.id, record);
    if (this.#recent.size > RECENT_COMMANDS_MAX) this.#recent.delete(this.#recent.keys().next().value!);
    return record;
  }
}
