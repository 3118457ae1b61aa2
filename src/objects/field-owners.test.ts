import { describe, expect, it } from 'vitest';
import { inheritedFields, ownersOf, withoutInherited, writersOf } from './field-owners.ts';
import type { KubeObject } from './manifest.ts';

const entry = (manager: string, fieldsV1: object, more: object = {}) => ({
  manager,
  operation: 'Update',
  apiVersion: 'v1',
  time: '2026-01-31T10:32:00Z',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});
const service = (...managedFields: readonly object[]): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', labels: { a: 'b', theirs: 'c' }, annotations: { last: '{}' }, managedFields },
  spec: { ports: [{ port: 80 }, { port: 81 }], type: 'ClusterIP', sessionAffinity: 'None' },
});
const kubectl = entry('kubectl-client-side-apply', {
  'f:metadata': {
    'f:annotations': { '.': {}, 'f:last': {} },
    'f:labels': { '.': {}, 'f:a': {}, 'f:theirs': {} },
  },
  'f:spec': {
    'f:ports': {
      '.': {},
      'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} },
      'k:{"port":81,"protocol":"TCP"}': { '.': {}, 'f:port': {} },
    },
    'f:type': {},
  },
  'f:status': { 'f:loadBalancer': {} },
});
const ours = entry(
  'toryo-acme',
  {
    'f:metadata': { 'f:labels': { 'f:a': {} } },
    'f:spec': { 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } } },
  },
  { operation: 'Apply' },
);
const from = new Set(['kubectl-client-side-apply']);
const heir = 'toryo-acme';

describe('owners of a field', () => {
  const object = service(
    kubectl,
    ours,
    entry('kube-controller-manager', { 'f:spec': { 'f:type': {} } }, { subresource: 'scale' }),
  );

  it('are those whose entry has it or something in it', () => {
    const names = (...steps: Parameters<typeof ownersOf>[1]) =>
      ownersOf(object, steps).map((owner) => owner.manager);
    expect(names('metadata', 'labels', 'a')).toEqual(['kubectl-client-side-apply', 'toryo-acme']);
    expect(names('spec', 'ports', { key: { protocol: 'TCP', port: 81 } })).toEqual([
      'kubectl-client-side-apply',
    ]);
    expect(names('spec', 'type')).toEqual(['kubectl-client-side-apply', 'kube-controller-manager']);
    expect(names('spec', 'sessionAffinity')).toEqual([]);
  });

  it('have their time and subresource said', () => {
    expect(writersOf(object).at(-1)).toEqual({
      manager: 'kube-controller-manager',
      operation: 'Update',
      time: '2026-01-31T10:32:00Z',
      subresource: 'scale',
    });
  });
});

describe('what is inherited', () => {
  it('is one entry of the heir with all fields, but for the status', () => {
    const other = entry('someone', { 'f:spec': { 'f:sessionAffinity': {} } });
    const fields = inheritedFields(service(kubectl, ours, other), { from, heir });
    const { 'f:status': _status, ...kept } = kubectl.fieldsV1 as Record<string, unknown>;
    expect(fields).toEqual([
      other,
      { manager: heir, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: kept },
    ]);
  });

  it('keeps a map that one owns empty and the other in parts', () => {
    const fields = inheritedFields(
      service(
        entry('helm', { 'f:data': {} }),
        entry(heir, { 'f:data': { 'f:a': {} } }, { operation: 'Apply' }),
      ),
      { from: new Set(['helm']), heir },
    );
    expect(fields?.[0]?.['fieldsV1']).toEqual({ 'f:data': { '.': {}, 'f:a': {} } });
  });

  it('is nothing when nobody leaves anything', () => {
    expect(inheritedFields(service(ours), { from, heir })).toBeUndefined();
    const scaled = entry('kubectl', { 'f:spec': { 'f:replicas': {} } }, { subresource: 'scale' });
    expect(inheritedFields(service(scaled), { from: new Set(['kubectl']), heir })).toBeUndefined();
    const older = entry('kubectl-client-side-apply', {}, { apiVersion: 'v0' });
    expect(inheritedFields(service(older), { from, heir })).toBeUndefined();
  });

  it('goes where the heir does not apply it, and nobody else owns it', () => {
    const { metadata, spec } = withoutInherited(service(kubectl, ours), from);
    expect(metadata.labels).toEqual({ a: 'b' });
    expect(metadata.annotations).toBeUndefined();
    expect(spec).toEqual({ ports: [{ port: 80 }], sessionAffinity: 'None' });
  });
});
