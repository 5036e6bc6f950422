/** What a bench found, and how it is shown: percentiles, and a table that says where a target is missed and by how much. */

/** One line of the table. Smaller is better; the target is met up to and with its value. */
export interface Measurement {
  readonly what: string;
  /** What was compared, in words: `1.20 ms / 0.90 ms`. */
  readonly from: string;
  /** A ratio, or a number in `unit`. */
  readonly value: number;
  readonly target: number;
  readonly unit: '×' | 'MB';
}

/** The value below which `share` of the samples lie, by nearest rank. */
export function percentile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error('no samples');
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}

/** The middle value. */
export const median = (samples: readonly number[]): number => percentile(samples, 0.5);

/** A subject's percentile as a multiple of the floor's. */
export function ratio(
  what: string,
  share: number,
  samples: { readonly subjectMs: readonly number[]; readonly floorMs: readonly number[] },
  target: number,
): Measurement {
  const subjectMs = percentile(samples.subjectMs, share);
  const floorMs = percentile(samples.floorMs, share);
  const from = `${subjectMs.toFixed(2)} ms / ${floorMs.toFixed(2)} ms`;
  return { what, from, value: subjectMs / floorMs, target, unit: '×' };
}

const cells = ({ what, from, value, target, unit }: Measurement): readonly string[] => {
  const digits = unit === '×' ? 2 : 0;
  const missedBy = ((value / target - 1) * 100).toFixed(0);
  return [
    what,
    from,
    `${value.toFixed(digits)} ${unit}`,
    `<= ${target.toFixed(digits)} ${unit}`,
    value <= target ? 'met' : `MISSED by ${missedBy} %`,
  ];
};

/** The measurements as text, in columns. */
export function table(measurements: readonly Measurement[]): string {
  const rows = [['what', 'gateway / floor', 'value', 'target', ''], ...measurements.map(cells)];
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, at) => cell.padEnd(widths[at]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
