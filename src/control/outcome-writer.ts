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
  #cancelRetry: (() => void) | null = null;
  #closed = false;

  constructor(audit: AuditLog, clock: Clock, log: Log) {
    this.#audit = audit;
    this.#clock = clock;
    this.#log = log;
  }

  /** Resolves when the row is durable or waits for another try. */
  async write(event: NewAuditEvent): Promise<void> {
    const result = await this.#audit.append(event);
    if (result.kind === 'durable' || this.#closed) return;
    this.#log.error(
      { action: event.action, command: event.commandId, reason: result.reason },
      'outcome row waits',
    );
    if (this.#waiting.length >= WAITING_ROWS_MAX) {
      const lost = this.#waiting.shift();
      this.#log.error(
        { action: lost?.action, command: lost?.commandId },
        'outcome row given up; the next start asks',
      );
    }
    this.#waiting.push(event);
    this.#schedule();
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

  /** One try for each row that waits now; a row that is refused again goes to the end and holds up no other. */
  async #retry(): Promise<void> {
    for (const event of this.#waiting.splice(0)) {
      if (this.#closed) return;
      const result = await this.#audit.append(event);
      if (result.kind !== 'durable') this.#waiting.push(event);
    }
    if (this.#waiting.length > 0) this.#schedule();
  }
}
