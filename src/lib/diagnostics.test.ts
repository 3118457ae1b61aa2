import { describe, expect, it } from 'vitest';
import {
  andThen,
  checked,
  diagnosticCodes,
  diagnosticTextOf,
  errorKinds,
  failure,
  hintOf,
  inReadingOrder,
  isErrorCode,
  isFailure,
  oncePerCause,
  problem,
  reasonOf,
  sentenceOf,
  warning,
} from './index.ts';

const origin = (file: string, line = 1, column = 1) => ({ file, line, column, path: '' });
const tabAt = (file: string, line?: number, column?: number) =>
  problem('TRY-YAML-002', origin(file, line, column), {});
const noWave = (cluster: string) =>
  problem('TRY-SPEC-038', origin('a.yaml'), { app: 'App/a/b', cluster, tenant: 't' });

describe('diagnostics', () => {
  it('are read by file, line and column', () => {
    const mixed = [tabAt('b', 1), tabAt('a', 10), tabAt('a', 9, 2), tabAt('a', 9, 1)];
    expect(inReadingOrder(mixed).map(({ at }) => `${at.file}:${at.line}:${at.column}`)).toEqual([
      'a:9:1',
      'a:9:2',
      'a:10:1',
      'b:1:1',
    ]);
  });

  it('are told once for many clusters', () => {
    const found = oncePerCause([noWave('a'), noWave('b'), noWave('b'), tabAt('x'), tabAt('x')]);
    expect(found.map(sentenceOf)).toEqual([
      'App/a/b selects cluster a, b, where tenant t is not',
      'a tab in the indentation',
    ]);
    const many = oncePerCause(['a', 'b', 'c', 'd', 'e'].map(noWave));
    expect(many.map(sentenceOf)).toEqual([
      'App/a/b selects cluster a, b, c and 2 more, where tenant t is not',
    ]);
  });

  it('drop the value when one is an error, and only then', async () => {
    const warned = checked(1, [warning('TRY-YAML-002', origin('a'), {})]);
    expect(warned.value).toBe(1);
    expect(checked(1, [tabAt('a')]).value).toBeUndefined();
    expect(await andThen(warned, (value) => checked(value + 1, [tabAt('b')]))).toMatchObject({
      value: undefined,
    });
    expect((await andThen(warned, (value) => checked(value + 1, []))).diagnostics.length).toBe(1);
  });

  it('of all stages are told, of what the earlier ones left whole', async () => {
    const broken = checked(1, [tabAt('a')]);
    const both = await andThen(broken, (value) => checked(value + 1, [tabAt('b')]));
    expect(both).toMatchObject({ value: undefined, sound: 2, diagnostics: [tabAt('a'), tabAt('b')] });
    expect(await andThen(broken, (value) => checked(value, []))).toMatchObject({ value: undefined });
    const none = { value: undefined, diagnostics: [tabAt('a')] };
    expect(await andThen(none, () => checked(1, [tabAt('b')]))).toEqual(none);
  });

  it('are told though a later stage lacks what it needs', async () => {
    const fail = () => Promise.reject(failure('TORYO_USAGE', { why: 'no tool' }));
    expect((await andThen(checked(1, [tabAt('a')]), fail)).diagnostics).toEqual([tabAt('a')]);
    await expect(andThen(checked(1, []), fail)).rejects.toThrow('no tool');
  });

  it('have a title, a sentence and a hint each', () => {
    for (const code of diagnosticCodes()) {
      const { title, hint } = diagnosticTextOf(code);
      expect(title, code).not.toMatch(/[.]$/);
      expect(hint, code).toMatch(/^[A-Z`].*\.$/);
    }
  });
});

describe('errors', () => {
  it('have a hint and an exit code each', () => {
    for (const code of Object.keys(errorKinds).filter(isErrorCode)) {
      expect(hintOf(code), code).toMatch(/\.$/);
      expect([1, 2, 3, 4, 6, 7, 8, 130], code).toContain(errorKinds[code].exit);
    }
  });

  it('keep their code, details and cause', () => {
    const cause = new Error('below');
    const error = failure('TORYO_USAGE', { why: 'no such option' }, { cause, cluster: 'lab' });
    expect(error.message).toBe('no such option');
    expect(error).toMatchObject({
      code: 'TORYO_USAGE',
      exitCode: 2,
      cluster: 'lab',
      isRetryable: false,
      cause,
    });
    expect(isFailure(error, 'TORYO_USAGE')).toBe(true);
    expect(isFailure(error, 'TORYO_INTERNAL')).toBe(false);
    expect(reasonOf(new AggregateError([cause]))).toBe('below');
    expect(reasonOf('text')).toBe('text');
  });
});
