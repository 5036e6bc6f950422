/**
 * Writes outcome rows, and does not forget those that the log could not take: they wait here, bounded, and are tried
 * again. If the process ends first, the next start finds the intent open and asks the board.
 */
import type { NewAuditEvent } from '../domain/audit-event.ts';
import type { AuditLog, Clock, Log } from '../domain/ports.ts';

const WAITING_ROWS_MAX = 256;
const RETRY_MS = 1000;

export class OutcomeWriter {
  readonly #audit: AuditLog;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #waiting: NewAuditEvent[] = [];
  /** The waiting row that is given to the log at this moment. */
  #trying: NewAuditEvent | null = null;
  #cancelRetry: (() => void) | null = null;
  #closed = false;

  constructor(audit: AuditLog, clock: Clock, log: Log) {
    this.#audit = audit;
    this.#clock = clock;
    this.#log = log;
  }

  /** Resolves when the row is durable or waits for another try. */
  async write(event: NewAuditEvent): Promise<void> {
    if (this.#closed || this.#waitsBehind(event)) return;
    const result = await this.#audit.append(event);
    if (result.kind === 'durable' || this.#closed) return;
    this.#log.error(
      { action: event.action, command: event.commandId, reason: result.reason },
      'outcome row waits',
    );
    this.#wait(event);
    this.#schedule();
  }

  /** Whether a row of this command waits for another try. */
  waits(commandId: string): boolean {
    return this.#trying?.commandId === commandId || this.#waiting.some((row) => row.commandId === commandId);
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
  }

  #schedule(): void {
    if (this.#cancelRetry !== null || this.#closed) return;
    this.#cancelRetry = this.#clock.after(RETRY_MS, () => {
      this.#cancelRetry = null;
      void this.#retry();
    });
  }

  /** An outcome never comes before the intent of its command: that would leave the intent open for ever. */
  #waitsBehind(event: NewAuditEvent): boolean {
    const isBehind = event.commandId !== null && this.waits(event.commandId);
    if (isBehind) this.#wait(event);
    return isBehind;
  }

  #wait(event: NewAuditEvent): void {
    if (this.#waiting.length >= WAITING_ROWS_MAX) {
      const lost = this.#waiting.shift();
      this.#log.error(
        { action: lost?.action, command: lost?.commandId },
        'outcome row given up; the next start asks',
      );
    }
    this.#waiting.push(event);
  }

  /**
   * One try for each row that waits now. A row that is refused again goes to the end, with those of its own command, and
   * holds up no other command.
   */
  async #retry(): Promise<void> {
    const refused = new Set<string | null>();
    for (let left = this.#waiting.length; left > 0 && !this.#closed; left -= 1) {
      const event = this.#waiting.shift();
      if (event === undefined) break;
      this.#trying = event;
      const isDurable = !refused.has(event.commandId) && (await this.#audit.append(event)).kind === 'durable';
      this.#trying = null;
      if (isDurable) continue;
      refused.add(event.commandId);
      this.#wait(event);
    }
    if (this.#waiting.length > 0) this.#schedule();
  }
}
