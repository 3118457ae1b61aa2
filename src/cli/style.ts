import { styleText } from 'node:util';

type Format = Parameters<typeof styleText>[0];

/** Colours text, or leaves it: decided once, for both streams. */
export interface Style {
  (format: Format, text: string): string;
}

/** Colour where a terminal shows it and nobody said no (`--no-color`, NO_COLOR, TERM=dumb). */
export function styleFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
  isWanted: boolean,
): Style {
  const isForced = env['FORCE_COLOR'] !== undefined && env['FORCE_COLOR'] !== '0';
  const isOff = !isWanted || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
  const isOn = !isOff && (isForced || stream.isTTY === true);
  return (format, text) => (isOn ? styleText(format, text, { validateStream: false }) : text);
}
