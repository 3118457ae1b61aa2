import { flowText, type Reason } from '../lib/index.ts';
import type { Style } from './style.ts';

const longest = 80;

/**
 * What of the fleet decided, a line each, the first after `why: `: `hostPID: false (profiles/own.yaml:7)`,
 * `SecurityProfile/own leaves hostPorts out: none (profiles/own.yaml:4)`. Nothing for no reasons.
 */
export function reasonsText(why: readonly Reason[], indent: string, style: Style): string {
  return why
    .map((one, index) => `${indent}${style('dim', `${index === 0 ? 'why: ' : '     '}${reasonText(one)}`)}\n`)
    .join('');
}

function reasonText({ subject, field, value, isWritten, at }: Reason): string {
  const text = typeof value === 'string' ? value : shortened(flowText(value));
  const says = isWritten
    ? `${field}: ${text}`
    : `${subject} leaves ${field} out: ${text === '[]' ? 'none' : text}`;
  return `${says} (${at.file}:${at.line})`;
}

function shortened(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}
