const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of a length of time that the schema let in: `90s`, `10m`, `1h`, `90d`. */
export function millisecondsOf(length: string): number {
  return Number(length.slice(0, -1)) * (units[length.slice(-1)] ?? 0);
}
