/** The guard before the readline parser: whole lines of bounded length, whatever the chunks; a tail never leaves. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineGuard } from '../../src/link/line-guard.ts';

const LINE_BYTES_MAX = 16;

/** Pushes chunks through a guard and returns all that came out, and how many lines were too long. */
async function through(chunks: readonly Buffer[]): Promise<{ out: string; tooLong: number }> {
  let tooLong = 0;
  const guard = new LineGuard(LINE_BYTES_MAX, () => {
    tooLong += 1;
  });
  for (const chunk of chunks) guard.write(chunk);
  guard.end();
  const parts: Buffer[] = [];
  for await (const part of guard) parts.push(part as Buffer);
  return { out: Buffer.concat(parts).toString('latin1'), tooLong };
}

describe('line guard', () => {
  it('passes whole lines and keeps every byte as it is', async () => {
    expect(await through([Buffer.from([0x41, 0xff, 0x0a, 0x42]), Buffer.from([0x0a])])).toEqual({
      out: 'A\u00ff\nB\n',
      tooLong: 0,
    });
  });

  it('swallows a line that is too long, up to its end, and tells it once', async () => {
    const long = 'x'.repeat(100);
    expect(await through([Buffer.from(`${long}${long}`), Buffer.from(`${long}\nok\n`)])).toEqual({
      out: 'ok\n',
      tooLong: 1,
    });
  });

  it('never lets an unfinished tail out', async () => {
    expect((await through([Buffer.from('whole\npart')])).out).toBe('whole\n');
  });

  it('gives the same lines for every way of cutting the bytes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: fc.constantFrom('a', 'b', '\n'), maxLength: 120 }),
        fc.array(fc.nat(20), { maxLength: 60 }),
        async (text, sizes) => {
          const chunks: Buffer[] = [];
          let rest = text;
          for (const size of sizes) {
            chunks.push(Buffer.from(rest.slice(0, size)));
            rest = rest.slice(size);
          }
          chunks.push(Buffer.from(rest));
          const expected = text
            .split('\n')
            .slice(0, -1)
            .filter((line) => line.length < LINE_BYTES_MAX)
            .map((line) => `${line}\n`)
            .join('');
          expect((await through(chunks)).out).toBe(expected);
        },
      ),
    );
  });
});
