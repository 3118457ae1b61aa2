import { describe, expect, it } from 'vitest';
import { ObjectIndex } from './references-index.ts';
import type { Target } from './references-target.ts';
import { deployment, inShop, object } from './testing/references.ts';

const admission = 'admissionregistration.k8s.io/v1';
const service = { namespace: 'shop', name: 'hooks' };

describe('a reference finds', () => {
  const web = deployment('web', {}, { app: 'web', tier: 'front' });
  const definition = object('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'boats.example.com', {
    spec: { group: 'example.com', names: { kind: 'Boat' } },
  });
  const all = [
    web,
    deployment('db', {}),
    inShop('v1', 'Service', 'hooks', { spec: { selector: { app: 'web' } } }),
    inShop('v1', 'Service', 'none'),
    definition,
    object('apiregistration.k8s.io/v1', 'APIService', 'v1.metrics', {
      spec: { group: 'metrics.example.com', version: 'v1', service },
    }),
    inShop('v1', 'Secret', 'plain'),
    inShop('external-secrets.io/v1', 'ExternalSecret', 'e', { spec: { target: { name: 'made' } } }),
    inShop('external-secrets.io/v1', 'ExternalSecret', 'own-name'),
    inShop('cert-manager.io/v1', 'Certificate', 'c', { spec: { secretName: 'cert' } }),
    object(admission, 'ValidatingAdmissionPolicy', 'p', {
      spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' } },
    }),
    inShop('v1', 'ConfigMap', 'strict'),
  ];
  const index = new ObjectIndex(all);
  const secret = (name: string): Target => ({
    is: 'object',
    ref: { group: '', kind: 'Secret', namespace: 'shop', name },
  });
  const pods = (selector: object): Target => ({ is: 'pods', namespace: 'shop', selector });
  const backend = (name: string): Target => ({
    is: 'backend',
    service: { group: '', kind: 'Service', namespace: 'shop', name },
  });

  it.each<[string, Target, readonly string[]]>([
    ['the object', secret('plain'), ['plain']],
    ['the ExternalSecret that makes it', secret('made'), ['e']],
    ['the ExternalSecret of the same name', secret('own-name'), ['own-name']],
    ['the Certificate that makes it', secret('cert'), ['c']],
    ['nothing that is not there', secret('none'), []],
    ['what makes selected pods', pods({ matchLabels: { tier: 'front' } }), ['web']],
    ['all with an empty selector', pods({}), ['web', 'db']],
    ['by In', pods({ matchExpressions: [{ key: 'app', operator: 'In', values: ['db'] }] }), ['db']],
    ['by NotIn', pods({ matchExpressions: [{ key: 'app', operator: 'NotIn', values: ['db'] }] }), ['web']],
    ['by Exists', pods({ matchExpressions: [{ key: 'tier', operator: 'Exists' }] }), ['web']],
    ['by DoesNotExist', pods({ matchExpressions: [{ key: 'tier', operator: 'DoesNotExist' }] }), ['db']],
    ['the pods behind a Service', backend('hooks'), ['web']],
    ['nothing behind one without a selector', backend('none'), []],
    [
      'a definition',
      { is: 'definition', group: 'example.com', version: 'v1', kind: 'Boat' },
      ['boats.example.com'],
    ],
    [
      'an aggregated API',
      { is: 'definition', group: 'metrics.example.com', version: 'v1', kind: 'Pod' },
      ['v1.metrics'],
    ],
    [
      'parameters of the kind that the policy says',
      {
        is: 'parameters',
        policy: { group: 'admissionregistration.k8s.io', kind: 'ValidatingAdmissionPolicy', name: 'p' },
        name: 'strict',
        namespace: 'shop',
      },
      ['strict'],
    ],
  ])('%s', (_what, target, names) => {
    expect(index.find(target).map((one) => one.metadata.name)).toEqual(names);
  });
});
