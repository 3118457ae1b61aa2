import { describe, expect, it } from 'vitest';
import type { Diagnostic, Reason } from '../lib/index.ts';
import { diagnosticsText, jsonDiagnostics } from './diagnostics-text.ts';
import { reasonsText } from './reason-text.ts';
import { styleFor } from './style.ts';

const plain = styleFor({}, {}, false);
const at = { file: 'profiles/own.yaml', line: 7, column: 3, path: 'spec' };
const reason = (field: string, value: unknown, isWritten = true): Reason => ({
  subject: 'SecurityProfile/own',
  field,
  value,
  isWritten,
  at,
});

describe('what decided', () => {
  it.each<[Reason, string]>([
    [reason('hostPID', false), 'hostPID: false (profiles/own.yaml:7)'],
    [reason('quota.cpu', '1'), 'quota.cpu: 1 (profiles/own.yaml:7)'],
    [reason('hostPorts', []), 'hostPorts: [] (profiles/own.yaml:7)'],
    [reason('fsGroup', { rule: 'RunAsAny' }), 'fsGroup: {rule: RunAsAny} (profiles/own.yaml:7)'],
    [reason('hostPorts', [], false), 'SecurityProfile/own leaves hostPorts out: none (profiles/own.yaml:7)'],
    [
      reason('seccomp', ['RuntimeDefault'], false),
      'SecurityProfile/own leaves seccomp out: [RuntimeDefault] (profiles/own.yaml:7)',
    ],
  ])('is a field, its value and its line: %#', (one, text) => {
    expect(reasonsText([one], '  ', plain)).toBe(`  why: ${text}\n`);
  });

  it('is one line each, and none for nothing', () => {
    expect(reasonsText([reason('a', true), reason('b', true)], '', plain).split('\n')).toEqual([
      'why: a: true (profiles/own.yaml:7)',
      '     b: true (profiles/own.yaml:7)',
      '',
    ]);
    expect(reasonsText([], '', plain)).toBe('');
    const long = reasonsText(
      [
        reason(
          'volumes',
          Array.from({ length: 40 }, () => 'secret'),
        ),
      ],
      '',
      plain,
    );
    expect(long).toMatch(/…/);
    expect(long.length).toBeLessThan(130);
  });

  it('stands below the sentence of a mistake, and in its data', () => {
    const why = [reason('hostPID', false)];
    const one: Diagnostic = { code: 'TRY-YAML-002', severity: 'error', args: {}, at, why };
    expect(diagnosticsText([one], plain)).toContain('\n  why: hostPID: false (profiles/own.yaml:7)\n');
    expect(jsonDiagnostics([one])).toMatchObject([
      { why: [{ field: 'hostPID', value: false, at: { file: 'profiles/own.yaml', line: 7 } }] },
    ]);
  });
});
