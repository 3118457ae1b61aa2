import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** How text looks on a stream: colours it or leaves it, decided once, and says how wide a line may be. */
export interface Style {
  (format: Format, text: string): string;
  /** As wide as the window is now; Infinity where no terminal shows it: programs read it then, line by line. */
  columns(): number;
}

/** A stream that text goes to. */
interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
}

type Env = Readonly<Record<string, string | undefined>>;

/** Colour where a terminal shows it and nobody said no (`--no-color`, NO_COLOR, TERM=dumb). */
export function styleFor(stream: Output, env: Env, isWanted: boolean): Style {
  const isForced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const isOff = !isWanted || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const isOn = !isOff && (isForced || stream.isTTY === true);
  const paint = (format: Format, text: string): string =>
    isOn ? styleText(format, text, { validateStream: false }) : text;
  return Object.assign(paint, { columns: () => columnsOf(stream, env) });
}

const usualColumns = 80;
const fewestColumns = 20;

/** Columns of the terminal, or what COLUMNS says of it. */
export function columnsOf({ isTTY, columns }: Output, env: Env): number {
  if (isTTY !== true) return Number.POSITIVE_INFINITY;
  const said = Number(env['COLUMNS']);
  const found = Number.isSafeInteger(said) && said > 0 ? said : (columns ?? 0);
  return found > 0 ? Math.max(fewestColumns, found) : usualColumns;
}
