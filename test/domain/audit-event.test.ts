/** Audit events: the gateway as an actor is nobody in particular, and the phases are a closed set. */
import { expect, it } from 'vitest';
import { AUDIT_PHASES, GATEWAY_ACTOR } from '../../src/domain/audit-event.ts';

it('names no person where the gateway acted by itself', () => {
  expect(Object.values(GATEWAY_ACTOR)).toEqual([null, null, null, null]);
});

it('has one phase for each kind of row', () => {
  expect(AUDIT_PHASES).toEqual(['intent', 'outcome', 'refusal', 'event']);
});
