/**
 * The handshake of one port, without the port: which hello waits for its W, which W for its B, and when to say hello
 * again. Knows no port and no clock; session-keeper.ts writes and listens.
 */
import { VERSION } from '../../firmware-protocol/catalog.ts';
import type { BoardMessage, HostMessage } from '../../firmware-protocol/codec.ts';
import type { CommandSlot } from '../domain/ports.ts';

/** The answer to a hello. */
export type Welcome = Extract<BoardMessage, { type: 'W' }>;

/** A hello without an answer is repeated, with a fresh nonce, after this. */
const HELLO_RETRY_MS = 200;
/** Boards that restart when the port opens take up to two seconds; after this the port is opened anew. */
export const HELLO_PATIENCE_MS = 4000;

export class Handshake {
  /** Empty while no hello waits: then no W can answer one. */
  #nonce = '';
  #open: CommandSlot | null = null;
  #welcome: Welcome | null = null;
  #sentAtMs: number;
  #sinceMs: number;

  constructor(nowMs: number) {
    this.#sentAtMs = nowMs;
    this.#sinceMs = nowMs;
  }

  /** A new session is wanted from now on: the patience with the board begins anew. */
  begin(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** Whatever answers an earlier hello comes too late. */
  forget(): void {
    this.#nonce = '';
    this.#welcome = null;
  }

  /** The next hello, with the one question that it carries. Answers to earlier ones count no more. */
  hello(nonce: string, open: CommandSlot | null, nowMs: number): HostMessage {
    this.#nonce = nonce;
    this.#open = open;
    this.#welcome = null;
    this.#sentAtMs = nowMs;
    return { type: 'H', versions: VERSION, nonce, open: open ?? undefined };
  }

  /**
   * Takes a W if it answers the latest hello, in a version that was offered. The slot is the one that it tells of.
   * Undefined for any other W: its session has been ended by a newer hello.
   */
  welcomed(welcome: Welcome): { readonly open: CommandSlot | null } | undefined {
    const { nonce, version } = welcome;
    if (nonce !== this.#nonce || version < VERSION.low || version > VERSION.high) return undefined;
    this.#welcome = welcome;
    return { open: this.#open };
  }

  /** A board named its boot. The W whose session begins with that, once; null where none waits for it. */
  identified(boot: string): Welcome | null {
    const welcome = this.#welcome;
    if (welcome === null || !welcome.session.startsWith(boot)) return null;
    this.#welcome = null;
    return welcome;
  }

  /** Whether the latest hello has waited for too long. */
  isDue(nowMs: number): boolean {
    return nowMs - this.#sentAtMs >= HELLO_RETRY_MS;
  }

  /** Whether this port has been given its chance. */
  isHopeless(nowMs: number): boolean {
    return nowMs - this.#sinceMs > HELLO_PATIENCE_MS;
  }
}
