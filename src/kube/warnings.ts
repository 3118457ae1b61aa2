import { parseJson } from '../lib/index.ts';

/** The texts of Warning headers, in their order (RFC 7234, section 5.5; the API server sends code 299). */
export function warningsIn(header: string | readonly string[] | undefined): readonly string[] {
  if (header === undefined) return [];
  const all = typeof header === 'string' ? header : header.join(', ');
  return [...all.matchAll(/\b299 \S+ ("(?:[^"\\]|\\.)*")/g)].map(([, quoted = '']) => {
    const parsed = parseJson(quoted);
    return typeof parsed === 'string' ? parsed : all;
  });
}
