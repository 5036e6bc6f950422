/**
 * Commands whose outcome is open and must be asked for: they outlive sessions and ports, so the supervisor owns this
 * list and hands it to each new link. Bounded by the commands that can be open at once; each promise settles.
 */
import type { Outcome } from '../domain/outcome.ts';
import type { CommandSlot } from '../domain/ports.ts';

interface Question {
  readonly slot: CommandSlot;
  readonly settle: (outcome: Outcome) => void;
}

const sameSlot = (left: CommandSlot, right: CommandSlot): boolean =>
  left.session === right.session && left.seq === right.seq;

export class OpenQuestions {
  #open: Question[] = [];

  get size(): number {
    return this.#open.length;
  }

  /** The slot to ask about now, if any: each in its turn, so that one without an answer keeps no other waiting. */
  next(): CommandSlot | undefined {
    const question = this.#open.shift();
    if (question === undefined) return undefined;
    this.#open.push(question);
    return question.slot;
  }

  ask(slot: CommandSlot, settle: (outcome: Outcome) => void): void {
    this.#open.push({ slot, settle });
  }

  /** Settles every question about this slot. False when nobody had asked: the answer is then ignored. */
  answer(slot: CommandSlot, outcome: Outcome): boolean {
    const answered = this.#open.filter((question) => sameSlot(question.slot, slot));
    this.#open = this.#open.filter((question) => !sameSlot(question.slot, slot));
    for (const question of answered) question.settle(outcome);
    return answered.length > 0;
  }

  /** Settles all that is left, because nobody will ask any more. */
  settleAll(outcome: Outcome): void {
    for (const question of this.#open.splice(0)) question.settle(outcome);
  }
}
