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

export class OpenQuestions {
  readonly #open: Question[] = [];

  /** The slot that has waited longest, if any. */
  first(): CommandSlot | undefined {
    return this.#open[0]?.slot;
  }

  get size(): number {
    return this.#open.length;
  }

  ask(slot: CommandSlot, settle: (outcome: Outcome) => void): void {
    this.#open.push({ slot, settle });
  }

  /** Settles every question about this slot; an answer to nothing asked is ignored. */
  answer(slot: CommandSlot, outcome: Outcome): void {
    for (let index = this.#open.length - 1; index >= 0; index -= 1) {
      const question = this.#open[index]!;
      if (question.slot.session !== slot.session || question.slot.seq !== slot.seq) continue;
      this.#open.splice(index, 1);
      question.settle(outcome);
    }
  }

  /** Settles all that is left, because nobody will ask any more. */
  settleAll(outcome: Outcome): void {
    for (const question of this.#open.splice(0)) question.settle(outcome);
  }
}
