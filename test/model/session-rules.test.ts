/**
 * The rules of session, sequence and outcome, searched to the end of a small world: no command runs twice, no outcome is
 * told falsely. And the search can see: with any one of the rules left out it finds what goes wrong.
 */
import { describe, expect, it } from 'vitest';
import { search } from './search.ts';
import type { Budget, Variant } from './world.ts';

/** Enough of each trouble that every pair of them meets. */
const BUDGET: Budget = { commands: 2, hellos: 3, resets: 1, crashes: 1, escapes: 1, losses: 1, repeats: 1 };
const TIMEOUT_MS = 180_000;

describe('the rules of PROTOCOL.md', () => {
  it(
    'tell no lie and run nothing twice in any world of this size',
    () => {
      const found = search(BUDGET);
      expect(found.wrong, found.trace.join('\n')).toBeNull();
      expect(found.states).toBeGreaterThan(1_000_000);
    },
    TIMEOUT_MS,
  );

  it.each<Variant>(['fresh-seq', 'badsess-is-final', 'no-nonce', 'no-session'])(
    'cannot do without: %s is caught',
    (variant) => {
      expect(search(BUDGET, variant).wrong).not.toBeNull();
    },
    TIMEOUT_MS,
  );
});
