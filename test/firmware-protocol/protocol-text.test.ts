/** PROTOCOL.md is normative and catalog.ts is its tables: this test keeps the two saying the same. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  type ArgumentRule,
  BOARD_FRAMES,
  BOARD_STATES,
  ENDINGS,
  ESC,
  HOST_FRAMES,
  INPUT_BITS,
  LIMITS,
  REFUSALS,
  REJECTIONS,
  RESET_CAUSES,
  RETRANSMIT_AFTER_MS,
  TIMES_MS,
  VERBS,
} from '../../firmware-protocol/catalog.ts';

const text = readFileSync(new URL('../../firmware-protocol/PROTOCOL.md', import.meta.url), 'utf8');
const flat = text.replaceAll(/\s+/g, ' ');

/** The sentences from `from` to the next full stop, as a list of words. */
function words(from: string): string[] {
  const start = flat.indexOf(from);
  if (start < 0) expect.fail(`PROTOCOL.md has no "${from}"`);
  const sentence = flat.slice(start + from.length, flat.indexOf('.', start));
  return sentence.match(/[A-Z][A-Z_]+/g) ?? [];
}

const section = (title: string): string => text.split(`## ${title}\n`)[1]?.split('\n## ')[0] ?? '';
const frameLetters = (title: string) =>
  [...section(title).matchAll(/^\| `([A-Z]) /gm)].map((match) => match[1]);

describe('PROTOCOL.md and catalog.ts', () => {
  it('know the same codes', () => {
    expect(words('N, refusals of a line: ')).toEqual(Object.keys(REFUSALS));
    expect(words('E, rejections of a command: ')).toEqual(Object.keys(REJECTIONS));
    expect(words('D, endings: ')).toEqual(Object.keys(ENDINGS));
    expect(words('States: ')).toEqual([...BOARD_STATES]);
    expect(words('Reset causes: ')).toEqual([...RESET_CAUSES]);
    expect(words('lowest first: ')).toEqual([...INPUT_BITS]);
  });

  it('know the same frames', () => {
    expect(frameLetters('Host to board')).toEqual(Object.keys(HOST_FRAMES));
    expect(frameLetters('Board to host')).toEqual(Object.keys(BOARD_FRAMES));
  });

  it('know the same verbs and ranges', () => {
    const rows = section('Host to board').split('| verb | arguments | meaning |')[1] ?? '';
    const table = [...rows.matchAll(/^\| `([A-Z]+)` \| ([^|]*)\|/gm)].map((row) => [row[1], row[2]!.trim()]);
    const written = (rule: ArgumentRule): string =>
      rule.optional ? `[${rule.name} ${rule.min}–${rule.max}]` : `${rule.name} ${rule.min}–${rule.max}`;
    const expected = Object.entries(VERBS).map(([verb, rules]) => {
      const list: readonly ArgumentRule[] = rules;
      return [verb, list.map(written).join(', ')];
    });
    expect(table.map(([verb, args]) => [verb, args!.replaceAll('−', '-')])).toEqual(expected);
  });

  it('know the same sizes and times', () => {
    expect(flat).toContain(`at most ${LIMITS.frameBytesMax} bytes with the LF`);
    expect(flat).toContain(`at most ${LIMITS.hostLineBytesMax} bytes of a line`);
    expect(flat).toContain(`the last ${LIMITS.ringEntries} consumed commands`);
    expect(flat).toContain(`at most ${LIMITS.refusalsPerSecondMax} N in any second`);
    expect(flat).toContain(`at most ${TIMES_MS.deadlineAheadMax} ms ahead`);
    expect(flat).toContain(`sends K every ${TIMES_MS.keepAlivePeriod} ms`);
    expect(flat).toContain(`no valid frame of its session for ${TIMES_MS.deadMan} ms`);
    expect(flat).toContain(`whose echo is older than ${TIMES_MS.echoAgeMax} ms`);
    expect(flat).toContain(
      `every ${TIMES_MS.statusPeriod} ms, at once when the state changes, and after W, Z and ESC`,
    );
    expect(flat).toContain(`every ${TIMES_MS.totalsPeriod / 1000} s; totals`);
    expect(flat).toContain(`no S for ${TIMES_MS.statusSilenceMax} ms`);
    expect(flat).toContain(`then every ${TIMES_MS.escRepeat} ms until it sees ESTOP`);
    const [first, second, third] = RETRANSMIT_AFTER_MS;
    expect(flat).toContain(`again after ${first}, ${second} and ${third} ms`);
    expect(flat).toContain(`the byte ESC (0x${ESC.toString(16).toUpperCase()})`);
  });

  it('keep ESC two bits away from every legal byte', () => {
    for (const legal of '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ.-+=,_/ *\r\n') {
      const differing = (legal.charCodeAt(0) ^ ESC).toString(2).replaceAll('0', '').length;
      expect(differing, legal).toBeGreaterThanOrEqual(2);
    }
  });
});
