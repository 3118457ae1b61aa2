import { describe, expect, it } from 'vitest';
import { strictestProfile } from '../../spec/index.ts';
import { podSecurityLevel } from '../pod-security/profile-level.ts';
import { loosenedProfile } from './loosened.ts';

const strict = strictestProfile('strict', { file: 'p.yaml', line: 1, column: 1, path: '' });
const levelWithout = (...rules: readonly string[]) => podSecurityLevel(loosenedProfile(strict, rules));

describe('a profile without some rules', () => {
  it('is the profile where none is waived', () => {
    expect(loosenedProfile(strict, [])).toEqual(strict);
    expect(levelWithout()).toBe('restricted');
  });

  it.each([
    ['TRY-SEC-010', 'privileged'],
    ['TRY-SEC-011', 'baseline'],
    ['TRY-SEC-012', 'baseline'],
    ['TRY-SEC-016', 'baseline'],
    ['TRY-SEC-017', 'privileged'],
    ['TRY-SEC-019', 'privileged'],
    ['TRY-SEC-021', 'privileged'],
    ['TRY-SEC-022', 'privileged'],
    ['TRY-SEC-032', 'privileged'],
  ])('needs the level that lets in what %s refuses: %s', (rule, level) => {
    expect(levelWithout(rule)).toBe(level);
  });

  it('stays as it is for rules that Pod Security knows nothing of', () => {
    expect(loosenedProfile(strict, ['TRY-SEC-027', 'TRY-SEC-015', 'TRY-NET-001'])).toEqual(strict);
  });

  it('adds up, and does not change the profile it was made from', () => {
    expect(loosenedProfile(strict, ['TRY-SEC-018', 'TRY-SEC-019']).volumes).toEqual(['*', 'hostPath']);
    expect(strict.volumes).not.toContain('*');
  });
});
