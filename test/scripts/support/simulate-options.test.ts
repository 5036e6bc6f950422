/** The simulator's command line: what it takes, and that it says all that is wrong at once. */
import { describe, expect, it } from 'vitest';
import { parseFault, parseSimulateArguments } from '../../../scripts/support/simulate-options.ts';

describe('the command line', () => {
  it('takes a tty and everything else', () => {
    const argv =
      '--tty /dev/x --speed 10 --seed 7 --log l --wire --state s --fault noise --fault unplug=2'.split(' ');
    expect(parseSimulateArguments(argv)).toEqual({
      line: { kind: 'tty', path: '/dev/x' },
      speed: 10,
      seed: 7,
      logPath: 'l',
      logsWire: true,
      statePath: 's',
      faults: [
        { kind: 'standing', name: 'noise', value: 0.001 },
        { kind: 'event', name: 'unplug', afterS: 2 },
      ],
    });
  });

  it('says all that is wrong at once', () => {
    const wrong = parseSimulateArguments(
      '--speed 0 --seed 1.5 --wire --fault nope --fault noise=2'.split(' '),
    );
    expect(wrong).toHaveLength(6);
    expect(String(wrong)).toContain('--tty PATH');
    expect(String(wrong)).toContain('drop-replies');
    expect(parseSimulateArguments(['--what'])).toHaveLength(1);
    expect(parseSimulateArguments(['--tty', 'a', '--pty', 'b'])).toHaveLength(1);
    expect(parseSimulateArguments(['--help'])).toBe('help');
  });

  it.each([
    'noise=',
    'noise=-1',
    'noise=x',
    'noise=1=1',
    'stuck-claw=1',
    'reset=-1',
    '',
  ])('refuses fault %s', (text) => {
    expect(parseFault(text)).toEqual(expect.any(String));
  });
});
