/**
 * From what zod found to what the caller reads: one entry for each field, with what it may be and what was received.
 * An unknown field is named with the known ones beside it, because it is nearly always a slip of the keyboard.
 */
import { z } from 'zod';
import type { IntegerRange } from '../domain/command.ts';
import type { FieldError } from '../domain/problems.ts';

/** More entries would only make the answer longer than the question. */
const FIELD_ERRORS_MAX = 16;
const SHOWN_CHARS_MAX = 40;

/** A value as it is shown back, never longer than a glance. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length <= SHOWN_CHARS_MAX ? text : `${text.slice(0, SHOWN_CHARS_MAX)}…`;
}

/** An integer of the range; its errors say range, unit and what was received. */
export function integerField(range: IntegerRange, unit: string): z.ZodInt {
  const error = (issue: { readonly input?: unknown }): string =>
    `must be an integer from ${range.min} to ${range.max} ${unit}; received ${shown(issue.input)}`;
  return z.int({ error }).min(range.min, { error }).max(range.max, { error });
}

/** A text of a length; its errors never show what was received, which may be a secret. */
export function textField(charsMin: number, charsMax: number): z.ZodString {
  const error = `must be a text of ${charsMin} to ${charsMax} characters`;
  return z.string({ error }).min(charsMin, { error }).max(charsMax, { error });
}

export type Validated<T> =
  | { readonly kind: 'valid'; readonly value: T }
  | { readonly kind: 'invalid'; readonly errors: readonly FieldError[] };

function fieldErrors(issues: readonly z.core.$ZodIssue[], known: readonly string[]): readonly FieldError[] {
  const errors = new Map<string, FieldError>();
  const add = (path: string, message: string): void => {
    if (errors.size < FIELD_ERRORS_MAX && !errors.has(path)) errors.set(path, { path, message });
  };
  const fields = known.length === 0 ? 'this takes no fields' : `the fields are ${known.join(', ')}`;
  for (const issue of issues) {
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) add(key.slice(0, SHOWN_CHARS_MAX), `is not known; ${fields}`);
    } else if (issue.path.length === 0) {
      add('', 'the body must be a JSON object');
    } else {
      add(issue.path.join('.'), issue.message);
    }
  }
  return [...errors.values()];
}

/** Checks a body against a strict object. */
export function validate<T extends z.ZodObject>(schema: T, body: unknown): Validated<z.output<T>> {
  const result = schema.safeParse(body);
  if (result.success) return { kind: 'valid', value: result.data };
  return { kind: 'invalid', errors: fieldErrors(result.error.issues, Object.keys(schema.shape)) };
}
