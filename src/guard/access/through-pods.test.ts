import { describe, expect, it } from 'vitest';
import { subjectTitle } from './subject.ts';
import { binding, clusterRole, relation, rule } from './testing/objects.ts';
import { secretsThroughPods } from './through-pods.ts';

const roles = [
  clusterRole('deploy', [rule('create', 'jobs', { apiGroups: ['batch'] })]),
  clusterRole('enter', [rule('create', 'pods/exec')]),
  clusterRole('read', [rule('get', 'secrets')]),
  clusterRole('tls', [rule('get', 'secrets', { resourceNames: ['tls'] })]),
];

describe('Secrets through pods', () => {
  it.each([
    ['by what makes pods', [binding('deploy', 'Group dev', 'a')], ['group dev a']],
    ['by commands in pods', [binding('enter', 'Group dev', 'a')], ['group dev a']],
    [
      'by both, once',
      [binding('deploy', 'User ann', 'a'), binding('enter', 'User ann', 'a')],
      ['user ann a'],
    ],
    ['everywhere, once', [binding('deploy', 'User ann'), binding('deploy', 'User ann', 'a')], ['user ann *']],
    ['not of who may read them', [binding('deploy', 'User ann', 'a'), binding('read', 'User ann', 'a')], []],
    ['nor everywhere', [binding('deploy', 'User ann', 'a'), binding('read', 'User ann')], []],
    [
      'of who may read some, or those of another namespace',
      [
        binding('deploy', 'User ann', 'a'),
        binding('tls', 'User ann', 'a'),
        binding('deploy', 'User bob', 'b'),
        binding('read', 'User bob', 'a'),
      ],
      ['user ann a', 'user bob b'],
    ],
  ])('are read %s', (_how, bindings, who) => {
    const question = { verb: 'get', group: '', resource: 'secrets' };
    const found = secretsThroughPods(relation(...roles, ...bindings), question);
    expect(found.map((one) => `${subjectTitle(one.subject)} ${one.namespace ?? '*'}`)).toEqual(who);
  });

  it('are those of the namespace that is asked for', () => {
    const all = relation(...roles, binding('deploy', 'Group dev', 'a'), binding('deploy', 'Group ops'));
    const question = { verb: 'get', group: '', resource: 'secrets', namespace: 'b' };
    expect(secretsThroughPods(all, question).map((one) => subjectTitle(one.subject))).toEqual(['group ops']);
  });
});
