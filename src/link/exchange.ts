/**
 * One command on the wire, as a pure machine: what to send again and when, and what its answers mean. The runner
 * (session-commands.ts) writes and waits. A time-out or a refused line is never an outcome here; it leads to `lost`, which
 * means: ask the board.
 */

import type { Told } from '../../firmware-protocol/catalog.ts';
import { type EndingWord, RETRANSMIT_AFTER_MS } from '../../firmware-protocol/catalog.ts';
import type { Outcome, RefusalCode } from '../domain/outcome.ts';

export type ExchangeState =
  /** Sent `sends` times, no answer yet. */
  | { readonly kind: 'unanswered'; readonly sends: number; readonly dueAtMs: number }
  /** Accepted: it moves. The same bytes are sent now and then, because a lost D is only answered to a repeat. */
  | { readonly kind: 'accepted'; readonly pollAtMs: number; readonly giveUpAtMs: number }
  | { readonly kind: 'settled'; readonly outcome: Outcome }
  /** No answer can be had in this session. */
  | { readonly kind: 'lost' };

export type ExchangeInput =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'ended'; readonly code: string }
  | { readonly kind: 'rejected'; readonly code: string }
  /** N about this very slot. */
  | { readonly kind: 'line-refused' }
  | { readonly kind: 'time' };

export interface ExchangeStep {
  readonly state: ExchangeState;
  /** Whether the same bytes are to be sent again now. */
  readonly resend: boolean;
}

/** How often an accepted command is asked after. */
const POLL_MS = 300;
/** Longer than any motion of any board (a motor runs at most 12 s, HOME has two legs). */
const ACCEPTED_MAX_MS = 30_000;

/** The state right after the first bytes were written. */
export function beginExchange(nowMs: number): ExchangeState {
  return { kind: 'unanswered', sends: 1, dueAtMs: nowMs + RETRANSMIT_AFTER_MS[0] };
}

const stay = (state: ExchangeState): ExchangeStep => ({ state, resend: false });

export function stepExchange(state: ExchangeState, input: ExchangeInput, nowMs: number): ExchangeStep {
  if (state.kind === 'settled' || state.kind === 'lost') return stay(state);
  switch (input.kind) {
    case 'ended':
      return stay({ kind: 'settled', outcome: outcomeOfEnding(input.code) });
    case 'rejected':
      return stay({ kind: 'settled', outcome: outcomeOfRejection(input.code) });
    case 'line-refused':
      return stay({ kind: 'lost' });
    case 'accepted':
      if (state.kind === 'accepted') return stay(state);
      return stay({ kind: 'accepted', pollAtMs: nowMs + POLL_MS, giveUpAtMs: nowMs + ACCEPTED_MAX_MS });
    case 'time':
      return state.kind === 'unanswered' ? unansweredAt(state, nowMs) : acceptedAt(state, nowMs);
  }
}

function unansweredAt(state: ExchangeState & { kind: 'unanswered' }, nowMs: number): ExchangeStep {
  if (nowMs < state.dueAtMs) return stay(state);
  const waitMs = RETRANSMIT_AFTER_MS[state.sends];
  // The last repeat gets as long as the longest wait before it.
  if (state.sends > RETRANSMIT_AFTER_MS.length) return stay({ kind: 'lost' });
  const dueAtMs = nowMs + (waitMs ?? RETRANSMIT_AFTER_MS[RETRANSMIT_AFTER_MS.length - 1]!);
  return { state: { kind: 'unanswered', sends: state.sends + 1, dueAtMs }, resend: true };
}

function acceptedAt(state: ExchangeState & { kind: 'accepted' }, nowMs: number): ExchangeStep {
  if (nowMs >= state.giveUpAtMs) return stay({ kind: 'lost' });
  if (nowMs < state.pollAtMs) return stay(state);
  return { state: { ...state, pollAtMs: nowMs + POLL_MS }, resend: true };
}

/** D: how a command that had begun came to its end. */
export function outcomeOfEnding(code: string): Outcome {
  const word = code as EndingWord;
  if (word === 'OK' || word === 'RENEWED') return { kind: 'done' };
  return { kind: 'failed', code: code.toLowerCase() };
}

const REJECTION_CODES: Readonly<Record<string, RefusalCode>> = {
  VERB: 'bad_argument',
  BADARG: 'bad_argument',
  LIMIT: 'limit',
  BUSY: 'busy',
  NOT_HOMED: 'not_homed',
  FAULT: 'fault',
  NEVER: 'never_sent',
};

/** E: not executed and never will be. */
export function outcomeOfRejection(code: string): Outcome {
  if (code === 'EXPIRED') return { kind: 'expired' };
  return { kind: 'refused', code: REJECTION_CODES[code] ?? 'refused_by_board' };
}

/** What W tells of the slot that H named. */
export function outcomeOfTold(told: Told): Outcome {
  switch (told.kind) {
    case 'OK':
      return { kind: 'done' };
    case 'PART':
      return outcomeOfEnding(told.code);
    case 'REJ':
      return outcomeOfRejection(told.code);
    case 'NEVER':
      return outcomeOfRejection('NEVER');
    case 'FORGOT':
      return { kind: 'unknown', code: 'forgotten_by_board' };
  }
}
