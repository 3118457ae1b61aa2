/** One way to authenticate that a server offers. */
export interface Challenge {
  /** In small letters: `bearer`, `basic`. */
  readonly scheme: string;
  /** By name in small letters: `realm`, `service`, `scope`, `error`. */
  readonly parameters: Readonly<Record<string, string>>;
}

// A scheme before its first parameter, a parameter, or a scheme without any.
const piece =
  /(?:([A-Za-z][\w-]*)\s+)?([A-Za-z][\w-]*)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))|([A-Za-z][\w-]*)(?=\s*(?:,|$))/g;

/** The challenges of WWW-Authenticate headers, in their order (RFC 9110, 11.6.1); what cannot be read is left out. */
export function challengesIn(header: string | readonly string[] | undefined): readonly Challenge[] {
  const text = [header ?? []].flat().join(', ');
  const found: { readonly scheme: string; readonly parameters: Record<string, string> }[] = [];
  for (const [, scheme, name, quoted, plain = '', alone] of text.matchAll(piece)) {
    const opened = scheme ?? alone;
    if (opened !== undefined) found.push({ scheme: opened.toLowerCase(), parameters: {} });
    const last = found.at(-1);
    if (name === undefined || last === undefined) continue;
    last.parameters[name.toLowerCase()] = quoted?.replaceAll(/\\(.)/g, '$1') ?? plain;
  }
  return found;
}
